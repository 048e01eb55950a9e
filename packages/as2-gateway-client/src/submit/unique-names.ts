/**
 * The names, each once: a repeated `a.xml` becomes `a (2).xml`. The service stores attachments under their names,
 * so that of two with one name the first would be gone.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const used = new Set<string>();
  return names.map((name) => {
    if (!used.has(name)) {
      used.add(name);
      return name;
    }
    for (let count = 2; ; count += 1) {
      const candidate = numbered(name, count);
      if (taken.has(candidate)) continue;
      taken.add(candidate);
      used.add(candidate);
      return candidate;
    }
  });
}

function numbered(name: string, count: number): string {
  const dot = name.lastIndexOf('.');
  const suffix = ` (${String(count)})`;
  return dot > 0 ? `${name.slice(0, dot)}${suffix}${name.slice(dot)}` : `${name}${suffix}`;
}
