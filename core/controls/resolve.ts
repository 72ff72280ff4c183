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

/**
 * Resolves a policy's label: an official identifier (any framework's, or of the framework the label begins with), an
 * alias of older documents, or unknown. Upper and lower case, blanks and the separator after the framework do not
 * matter: `NIST-800-53-IA-5`, `nist sp 800-53: ia-5`, `IA-5`.
 */
export function resolveLabel(label: string): Resolution {
  const named = readingsOf(label);
  const alias = aliases.find((each) => matches(each.framework, each.citedAs, named));
  const found = [...frameworks.values()].flatMap((list) => officialIn(list, named));
  const [control] = found;
  // The same bare identifier in two frameworks is not resolved by guessing.
  if (control && found.length === 1) {
    return { label, state: 'official', controls: [control], olderReading: alias };
  }
  if (alias) return { label, state: 'alias', controls: alias.controls, alias };
  return { label, state: 'unknown', controls: [] };
}

interface Readings {
  /** Each framework the label may begin with, and what is left then. */
  readonly candidates: readonly { readonly framework: FrameworkName; readonly rest: string }[];
  readonly bare: string;
}

function readingsOf(label: string): Readings {
  const text = plain(label);
  const candidates = [...frameworks.keys()].flatMap((framework) =>
    prefixes[framework]
      .filter((prefix) => text.startsWith(prefix))
      .map((prefix) => ({ framework, rest: text.slice(prefix.length).replace(/^[-:/]+/, '') })),
  );
  return { candidates, bare: text };
}

function plain(text: string): string {
  return text
    .toUpperCase()
    .replaceAll(/[\s_]+/g, '')
    .replace(/^(NIST|SOC|PCI|ISO|OWASP)-/, '$1');
}

function matches(framework: FrameworkName, id: string, readings: Readings): boolean {
  return readings.bare === plain(id) || matchesNamed(framework, id, readings);
}

function matchesNamed(framework: FrameworkName, id: string, { candidates }: Readings): boolean {
  return candidates.some((each) => each.framework === framework && each.rest === plain(id));
}

function officialIn(list: Framework, readings: Readings): readonly Control[] {
  const { framework, version } = list;
  const controlId = list.ids.find(
    (id) =>
      spellings(id).some((as) => matches(framework, as, readings)) ||
      // A bare 9.1 may be a clause of ISO/IEC 27001 or a section of PCI DSS.
      matchesNamed(framework, id.replace(/^Clause /, ''), readings),
  );
  return controlId === undefined ? [] : [{ framework, version, controlId }];
}

/** An identifier as its framework writes it, and as OSCAL or common use shortens it. */
function spellings(id: string): readonly string[] {
  const enhancement = /^([A-Z]{2}-\d+)\((\d+)\)$/.exec(id);
  if (enhancement) return [id, `${enhancement[1]}.${enhancement[2]}`];
  return [id, id.replace(/:2025$/, ''), id.replace(/^tenet /, 'tenet-')];
}
