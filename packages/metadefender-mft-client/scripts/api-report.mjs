// Prints the public surface of this package into etc/api.md, so that a change of it shows in a diff.
//
//   node scripts/api-report.mjs           writes it
//   node scripts/api-report.mjs --check   fails if it is not current
//
// It fails as well where a public item or one of its members has no TSDoc: what nobody explained nobody can use.
//
// For each entry: every exported name with its declaration as the compiler emits it, without comments, in order of the alphabet; and
// the names that those declarations speak of but that are not exported, since a user would have to guess them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const report = join(root, 'etc', 'api.md');
const entries = { '.': 'src/index.ts', './testing': 'src/testing.ts' };

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram({
  rootNames: Object.values(entries).map((file) => join(root, file)),
  options: {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: '/declarations',
  },
});
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

/** The declarations of a source file as a package would ship them, by name. */
const emitted = new Map();
function declarationsOf(source) {
  const known = emitted.get(source.fileName);
  if (known !== undefined) return known;
  let text = '';
  program.emit(source, (name, content) => (text = name.endsWith('.d.ts') ? content : text), undefined, true);
  const file = ts.createSourceFile('x.d.ts', text, ts.ScriptTarget.Latest, true);
  const found = new Map();
  const note = (name, statement) => found.set(name, [...(found.get(name) ?? []), statement]);
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const one of statement.declarationList.declarations) note(one.name.getText(file), statement);
    } else if (statement.name !== undefined) note(statement.name.getText(file), statement);
  }
  const result = { file, found };
  emitted.set(source.fileName, result);
  return result;
}

function printed(name, symbol) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const [declaration] = target.declarations ?? [];
  if (declaration === undefined) throw new Error(`${name} has no declaration`);
  const source = declaration.getSourceFile();
  if (relative(root, source.fileName).startsWith('..')) return { own: false, statements: [], text: '' };
  const { file, found } = declarationsOf(source);
  const statements = found.get(target.name) ?? [];
  if (statements.length === 0) throw new Error(`${name} is not among the declarations of ${source.fileName}`);
  return {
    own: true,
    statements,
    text: statements.map((one) => printer.printNode(ts.EmitHint.Unspecified, one, file)).join('\n'),
  };
}

const hasText = (symbol) =>
  ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() !== '' ||
  symbol.getJsDocTags(checker).length > 0;

/** Names of an export and of its members that have no TSDoc. */
function undocumented(symbol) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const [declaration] = target.declarations ?? [];
  const members =
    declaration !== undefined &&
    (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration))
      ? declaration.members
      : [];
  const silent = hasText(target) ? [] : [symbol.name];
  // What is passed on from another package is that package's to explain, member by member.
  if (relative(root, declaration?.getSourceFile().fileName ?? '').startsWith('..')) return silent;
  for (const { name } of members) {
    if (name === undefined || ts.isPrivateIdentifier(name)) continue;
    const member = checker.getSymbolAtLocation(name);
    if (member !== undefined && !hasText(member)) silent.push(`${symbol.name}.${name.getText()}`);
  }
  return silent;
}

/** Names of types that a declaration uses; its own type parameters do not count. */
function usedBy(statements) {
  const used = new Set();
  const own = new Set();
  const visit = (node) => {
    if (ts.isTypeParameterDeclaration(node)) own.add(node.name.text);
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) used.add(node.typeName.text);
    if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression))
      used.add(node.expression.text);
    ts.forEachChild(node, visit);
  };
  statements.forEach(visit);
  return [...used].filter((name) => !own.has(name));
}

/** What the language and Node bring. */
const ambient = new Set(
  'AbortSignal AsyncIterable AsyncDisposable Awaited Blob Buffer Date Error Exclude Extract Iterable Map NodeJS Omit Parameters Partial Pick Promise Readable ReadableStream ReadonlyMap ReadonlySet Readonly Record Required ReturnType Set Uint8Array ArrayBuffer InspectOptionsStylized'.split(
    ' ',
  ),
);

const before = new Set();
const silent = [];
const lines = [
  '# API report',
  '',
  'Made by `node scripts/api-report.mjs`; do not edit. A change here is a change of the public surface.',
];
for (const [entry, path] of Object.entries(entries)) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(root, path)));
  const exported = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(exported.map(({ name }) => name));
  const used = new Set();
  const own = [];
  const passedOn = [];
  for (const symbol of exported) {
    silent.push(...undocumented(symbol));
    const { own: isOwn, statements, text } = printed(symbol.name, symbol);
    if (isOwn) own.push(text);
    else passedOn.push(symbol.name);
    if (isOwn) for (const name of usedBy(statements)) used.add(name);
  }
  lines.push('', `## \`${entry}\``, '', '```ts', own.join('\n\n'), '```');
  if (passedOn.length > 0)
    lines.push(
      '',
      `Passed on from \`@mft-bridge/http-transport\`: ${passedOn.map((name) => `\`${name}\``).join(', ')}.`,
    );
  const missing = [...used]
    .filter((name) => !names.has(name) && !before.has(name) && !ambient.has(name))
    .sort();
  for (const name of names) before.add(name);
  if (missing.length > 0)
    lines.push('', `Spoken of, not exported here: ${missing.map((name) => `\`${name}\``).join(', ')}.`);
}
const text = await format(lines.join('\n'), { ...(await resolveConfig(report)), filepath: report });

if (silent.length > 0) {
  console.error(`Without TSDoc: ${silent.join(', ')}.`);
  process.exitCode = 1;
}
if (!process.argv.includes('--check')) {
  writeFileSync(report, text);
} else if (readFileSync(report, 'utf8') !== text) {
  console.error(
    'etc/api.md is not current. If the change is meant: node scripts/api-report.mjs, and say so in the change log.',
  );
  process.exitCode = 1;
}
