import { aliases, type Alias } from './aliases';
import { frameworks, type Control, type Framework, type FrameworkName } from './frameworks';

/** What a policy's label turned out to cite. Unknown stays unknown: it is printed, never dropped or guessed at. */
export type Resolution =
  | {
      readonly label: string;
      readonly state: 'official';
      readonly controls: readonly [Control];
      /** Set where older documents mean something else by this very identifier. */
      readonly olderReading: Alias | undefined;
    }
  | {
      readonly label: string;
      readonly state: 'alias';
      readonly controls: readonly Control[];
      readonly alias: Alias;
    }
  | { readonly label: string; readonly state: 'unknown'; readonly controls: readonly [] };

/** How labels begin when they name their framework, as `plain` leaves them. */
const prefixes: Readonly<Record<FrameworkName, readonly string[]>> = {
  'OWASP NHI': ['OWASPNHITOP10', 'OWASPNHI', 'OWASP'],
  'NIST CSF': ['NISTCSF2.0', 'NISTCSF', 'CSF2.0', 'CSF', 'NIST'],
  'NIST SP 800-53': ['NISTSP800-53R5', 'NISTSP800-53', 'NIST800-53', 'SP800-53', '800-53'],
  'NIST SP 800-207': ['NISTSP800-207', 'NIST800-207', 'SP800-207', '800-207'],
  'SOC 2 TSC': ['SOC2TSC', 'SOC2', 'TSC'],
  'PCI DSS': ['PCIDSS4.0.1', 'PCIDSS', 'PCI'],
  'ISO/IEC 27001': ['ISO/IEC27001:2022', 'ISOIEC27001', 'ISO27001:2022', 'ISO27001', 'ISO'],
};

/** What a spelling of an identifier, as `plain` leaves it, can mean in one framework. */
interface Meaning {
  readonly control?: Control;
  readonly alias?: Alias;
}

const meanings: ReadonlyMap<FrameworkName, ReadonlyMap<string, Meaning>> = new Map(
  [...frameworks.values()].map((list) => [list.framework, meaningsIn(list)]),
);

/**
 * Resolves a policy's label: an official identifier (any framework's, or of the framework the label begins with), an
 * alias of older documents, or unknown. Upper and lower case, blanks and the separator after the framework do not
 * matter: `NIST-800-53-IA-5`, `nist sp 800-53: ia-5`, `IA-5`.
 */
export function resolveLabel(label: string): Resolution {
  const found = readings(plain(label));
  const controls = found.flatMap(({ control }) => control ?? []);
  const alias = found.find((meaning) => meaning.alias)?.alias;
  const [control] = controls;
  // The same bare identifier in two frameworks is not resolved by guessing.
  if (control && controls.length === 1)
    return { label, state: 'official', controls: [control], olderReading: alias };
  if (alias) return { label, state: 'alias', controls: alias.controls, alias };
  return { label, state: 'unknown', controls: [] };
}

/** What a label means, at most once in each framework: bare, or after the framework's name. */
function readings(text: string): readonly Meaning[] {
  return [...meanings].flatMap(([framework, known]) => {
    const named = prefixes[framework]
      .filter((prefix) => text.startsWith(prefix))
      .map((prefix) => text.slice(prefix.length).replace(/^[-:/]+/, ''));
    const meaning = [`BARE ${text}`, ...named].map((rest) => known.get(rest)).find(Boolean);
    return meaning ? [meaning] : [];
  });
}

function meaningsIn({ framework, version, ids }: Framework): ReadonlyMap<string, Meaning> {
  const known = new Map<string, Meaning>();
  const learn = (spelling: string, meaning: Meaning): void => {
    known.set(spelling, { ...known.get(spelling), ...meaning });
  };
  for (const controlId of ids) {
    const control = { framework, version, controlId };
    for (const spelling of spellings(controlId)) {
      learn(plain(spelling), { control });
      learn(bare(spelling), { control });
    }
    // After its framework's name only: a bare 9.1 may be a clause of ISO/IEC 27001 or a section of PCI DSS.
    learn(plain(controlId.replace(/^Clause /, '')), { control });
  }
  for (const alias of aliases.filter((each) => each.framework === framework)) {
    learn(plain(alias.citedAs), { alias });
    learn(bare(alias.citedAs), { alias });
  }
  return known;
}

// A blank never survives `plain`, so nothing else can look like it.
function bare(spelling: string): string {
  return `BARE ${plain(spelling)}`;
}

function plain(text: string): string {
  return text
    .toUpperCase()
    .replaceAll(/[\s_]+/g, '')
    .replace(/^(NIST|SOC|PCI|ISO|OWASP)-/, '$1');
}

/** An identifier as its framework writes it, and as OSCAL or common use shortens it. */
function spellings(id: string): readonly string[] {
  const enhancement = /^([A-Z]{2}-\d+)\((\d+)\)$/.exec(id);
  if (enhancement) return [id, `${enhancement[1]}.${enhancement[2]}`];
  return [id, id.replace(/:2025$/, ''), id.replace(/^tenet /, 'tenet-')];
}
