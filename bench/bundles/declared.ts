import { buildSync, transformSync } from 'esbuild';
import ts from 'typescript';
import { bundling } from '../../lib/bundles';

/** What a function uses of one package's entry point. */
export interface Declared {
  /** As it is imported: `@aws-sdk/client-kms`, `zod/mini`, `pg`. */
  readonly from: string;
  /** Named exports. */
  readonly names: readonly string[];
  /** Members of its default export that are used. */
  readonly ofDefault: readonly string[];
}

/**
 * The clients and libraries that a function's own code declares, and what it uses of them. Nobody writes this list: the
 * entry is bundled with every package left outside, which drops own code that the function does not reach; what the
 * remaining code still imports from packages, name by name, is the list. Modules of Node are no libraries and not in it.
 */
export function declaredBy(entry: string): readonly Declared[] {
  const { outputFiles } = buildSync({
    ...bundling,
    entryPoints: [entry],
    format: 'esm',
    minify: false,
    packages: 'external',
    write: false,
  });
  // Bundling keeps import names that nothing uses; reading the result as TypeScript drops them.
  const { code } = transformSync(outputFiles[0]?.text ?? '', { loader: 'ts', target: 'node20' });
  const file = ts.createSourceFile('function.js', code, ts.ScriptTarget.Latest, true);
  const imports = file.statements.filter((statement) => ts.isImportDeclaration(statement));
  const members = membersIn(file);
  const found = new Map<string, { names: Set<string>; ofDefault: Set<string> }>();
  for (const each of imports) {
    const from = packageOf(each);
    if (from === undefined) continue;
    const known = found.get(from) ?? { names: new Set(), ofDefault: new Set() };
    found.set(from, known);
    const { name, namedBindings } = each.importClause ?? {};
    if (name) for (const member of members.get(name.text) ?? []) known.ofDefault.add(member);
    if (namedBindings === undefined) continue;
    if (ts.isNamespaceImport(namedBindings))
      for (const member of members.get(namedBindings.name.text) ?? []) known.names.add(member);
    else
      for (const { name: local, propertyName } of namedBindings.elements)
        known.names.add((propertyName ?? local).text);
  }
  return [...found]
    .map(([from, { names, ofDefault }]) => ({ from, names: sorted(names), ofDefault: sorted(ofDefault) }))
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));
}

function packageOf({ moduleSpecifier }: ts.ImportDeclaration): string | undefined {
  const text = ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : '';
  return text.startsWith('node:') ? undefined : text;
}

/** By the name of a thing, its members that the code reads. */
function membersIn(file: ts.SourceFile): ReadonlyMap<string, ReadonlySet<string>> {
  const members = new Map<string, Set<string>>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const known = members.get(node.expression.text) ?? new Set();
      members.set(node.expression.text, known.add(node.name.text));
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      throw new Error(`${node.getText()}: an import while running is not counted yet; nothing measured`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return members;
}

function sorted(names: ReadonlySet<string>): readonly string[] {
  return [...names].toSorted();
}
