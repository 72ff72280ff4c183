import * as z from 'zod/mini';
import iso27001 from './official/iso-27001.json';
import nist80053 from './official/nist-800-53.json';
import nist800207 from './official/nist-800-207.json';
import nistCsf from './official/nist-csf.json';
import owaspNhi from './official/owasp-nhi.json';
import pciDss from './official/pci-dss.json';
import soc2 from './official/soc-2.json';

/** The frameworks that controls are cited from, as they call themselves. */
export const frameworkName = z.enum([
  'OWASP NHI',
  'NIST CSF',
  'NIST SP 800-53',
  'NIST SP 800-207',
  'SOC 2 TSC',
  'PCI DSS',
  'ISO/IEC 27001',
]);
export type FrameworkName = z.infer<typeof frameworkName>;

const framework = z.object({
  framework: frameworkName,
  version: z.string(),
  /** The document the identifiers stand in. */
  document: z.string(),
  /** How much of that document the list holds. */
  covers: z.string(),
  ids: z.array(z.string()),
});
/** A framework and its own identifiers: what is not in `ids` is not cited. */
export type Framework = z.infer<typeof framework>;

/** Every framework, by name. */
export const frameworks: ReadonlyMap<FrameworkName, Framework> = new Map(
  [owaspNhi, nistCsf, nist80053, nist800207, soc2, pciDss, iso27001]
    .map((list) => framework.parse(list))
    .map((list) => [list.framework, list]),
);

/** A control of a framework by its official identifier. */
export interface Control {
  readonly framework: FrameworkName;
  readonly version: string;
  readonly controlId: string;
}

/**
 * The control of that identifier.
 * @returns undefined when the framework's own list does not hold it
 */
export function officialControl(name: FrameworkName, controlId: string): Control | undefined {
  const list = frameworks.get(name);
  return list?.ids.includes(controlId) ? { framework: name, version: list.version, controlId } : undefined;
}

/** A control as text: document, version, identifier. */
export function citation({ framework: name, version, controlId }: Control): string {
  return `${name} ${version} ${controlId}`;
}
