import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(__dirname, '..');
const entries = { '.': 'src/index.ts', './testing': 'src/testing.ts' } as const;
const uses = 'test/type-uses.ts';

/** What the compiler says of this package: the declarations that consumers get, and the uses that stand in a file. */
export interface PackageTypes {
  /** One line for each error in `type-uses.ts`; a wrong use that compiles is one. */
  readonly useErrors: readonly string[];
  /** Names of the modules that consumers must have for the types alone, by entry. */
  readonly typeDependencies: Readonly<Record<string, readonly string[]>>;
  /** What is exported without TSDoc, itself or a member: `InboxMessage.station`. */
  readonly undocumented: readonly string[];
  /** All that is exported, as it is declared, in a form that shows well in a comparison of versions. */
  readonly report: string;
}

/** Compiles the package once. Takes some seconds. */
export function readPackageTypes(): PackageTypes {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: join(root, 'emitted'),
      rootDir: resolve(root, '..'),
    },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  );
  if (!config) throw new Error('tsconfig.json could not be read');
  const files = [...Object.values(entries), uses].map((file) => join(root, file));
  const program = ts.createProgram(files, config.options);
  const useFile = program.getSourceFile(join(root, uses));
  const useErrors = [
    ...program.getSyntacticDiagnostics(useFile),
    ...program.getSemanticDiagnostics(useFile),
  ].map(
    ({ start = 0, messageText }) =>
      `line ${String((useFile?.getLineAndCharacterOfPosition(start).line ?? 0) + 1)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
  );
  const declarations = emitDeclarations(program);
  return {
    useErrors,
    typeDependencies: Object.fromEntries(
      Object.entries(entries).map(([name, file]) => [name, dependenciesOf(file, declarations)]),
    ),
    undocumented: undocumentedIn(program),
    report: reportOf(program, declarations),
  };
}

type Declarations = ReadonlyMap<string, ts.SourceFile>;

// By the path of their source, relative to the package.
function emitDeclarations(program: ts.Program): Declarations {
  const emitted = new Map<string, ts.SourceFile>();
  for (const source of program.getSourceFiles()) {
    const file = relative(root, source.fileName);
    if (!file.startsWith('src')) continue;
    program.emit(source, (_name, text) =>
      emitted.set(file, ts.createSourceFile(source.fileName, text, ts.ScriptTarget.Latest, true)),
    );
  }
  return emitted;
}

function dependenciesOf(entry: string, declarations: Declarations): readonly string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const statement of declarations.get(file)?.statements ?? []) {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
      const from = statement.moduleSpecifier;
      if (!from || !ts.isStringLiteral(from)) continue;
      if (from.text.startsWith('.')) visit(join(dirname(file), `${from.text}.ts`));
      else packages.add(from.text);
    }
  };
  visit(entry);
  return [...packages].sort();
}

function reportOf(program: ts.Program, declarations: Declarations): string {
  const checker = program.getTypeChecker();
  const sections = Object.entries(entries).map(([name, file]) => {
    const source = program.getSourceFile(join(root, file));
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} exports nothing`);
    const own: string[] = [];
    const foreign: string[] = [];
    for (const symbol of checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const home = relative(root, target.declarations?.[0]?.getSourceFile().fileName ?? '');
      if (home.startsWith('src')) own.push(declarationOf(target.name, declarations.get(home)));
      else foreign.push(symbol.name);
    }
    const others =
      foreign.length > 0
        ? `\n\nFrom \`@mft-bridge/http-transport\`: ${foreign.map((each) => `\`${each}\``).join(', ')}.`
        : '';
    return `## \`${name}\`\n\n\`\`\`ts\n${own.join('\n\n')}\n\`\`\`\n${others}`;
  });
  return [
    '# Public API',
    'Made by `test/api-report.test.ts`; that test fails when it is out of date.',
    '<!-- prettier-ignore-start -->',
    ...sections,
    '<!-- prettier-ignore-end -->\n',
  ].join('\n\n');
}

function undocumentedIn(program: ts.Program): readonly string[] {
  const checker = program.getTypeChecker();
  const silent = new Set<string>();
  for (const file of Object.values(entries)) {
    const source = program.getSourceFile(join(root, file));
    const module = source && checker.getSymbolAtLocation(source);
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const [declaration] = target.declarations ?? [];
      if (!declaration || !relative(root, declaration.getSourceFile().fileName).startsWith('src')) continue;
      if (target.getDocumentationComment(checker).length === 0) silent.add(target.name);
      const documented = new Map<string, boolean>();
      for (const member of membersOf(declaration)) {
        const name = member.name?.getText() ?? '()';
        // Private, or known by its symbol. One comment is enough for all forms of a method.
        if (ts.isConstructorDeclaration(member) || /^[#[]/.test(name)) continue;
        const here = ts.getJSDocCommentsAndTags(member).length > 0;
        documented.set(name, here || documented.get(name) === true);
      }
      for (const [name, here] of documented) if (!here) silent.add(`${target.name}.${name}`);
    }
  }
  return [...silent].sort();
}

function membersOf(declaration: ts.Declaration): readonly (ts.ClassElement | ts.TypeElement)[] {
  if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration))
    return [...declaration.members];
  if (!ts.isTypeAliasDeclaration(declaration) || !ts.isTypeLiteralNode(declaration.type)) return [];
  return [...declaration.type.members];
}

function declarationOf(name: string, file: ts.SourceFile | undefined): string {
  const found = file?.statements.filter((statement) => namesOf(statement).includes(name)) ?? [];
  if (!file || found.length === 0) throw new Error(`the declaration of ${name} was not found`);
  return found
    .map((statement) =>
      statement
        .getFullText(file)
        .trim()
        .replace(/^export (declare )?/m, 'export '),
    )
    .join('\n');
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  return ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
    ? [statement.name?.text ?? '']
    : [];
}
