import { action, actions } from '../../core/controls/actions';
import { aliases } from '../../core/controls/aliases';
import { citation, frameworks, officialControl, type FrameworkName } from '../../core/controls/frameworks';
import { mapping, unofficial, type ControlRow } from '../../core/controls/mapping';
import { resolveLabel } from '../../core/controls/resolve';

const sample: ControlRow = {
  action: 'oldRefused',
  framework: 'NIST CSF',
  version: '2.0',
  controlId: 'PR.AA-03',
  part: undefined,
  strength: 'partial',
  rationale: 'a sample',
  citedAs: [],
};

describe("the frameworks' own lists", () => {
  it.each<[FrameworkName, string, number]>([
    ['OWASP NHI', '2025', 10],
    ['NIST CSF', '2.0', 106],
    ['NIST SP 800-207', '2020', 7],
    ['SOC 2 TSC', '2017', 61],
    ['ISO/IEC 27001', '2022', 23 + 93],
  ])('%s %s has its %d identifiers, each once', (name, version, count) => {
    const list = frameworks.get(name);
    expect(list?.version).toBe(version);
    expect(new Set(list?.ids).size).toBe(count);
    expect(list?.ids).toHaveLength(count);
  });

  it.each<[FrameworkName, string]>([
    ['NIST CSF', 'PR.AC-1'],
    ['NIST CSF', 'PR.AC-01'],
    ['NIST CSF', 'ID.AM-06'],
    ['NIST CSF', 'DE.CM-04'],
    ['NIST CSF', 'DE.CM-07'],
    ['NIST CSF', 'RS.MI-03'],
    ['NIST CSF', 'RS.RP-01'],
    ['NIST SP 800-207', 'SC-4'],
    ['NIST SP 800-53', 'PR.AA-01'],
    ['OWASP NHI', 'NHI-05'],
  ])('%s does not have %s', (name, id) => {
    expect(officialControl(name, id)).toBeUndefined();
  });
});

describe('the mapping', () => {
  it('cites nothing that is not on the list of its framework', () => {
    expect(unofficial(mapping)).toEqual([]);
  });

  it.each([
    { case: 'a withdrawn identifier', change: { controlId: 'PR.AC-01' } },
    { case: "another framework's identifier", change: { controlId: 'IA-5' } },
    { case: 'another version', change: { version: '1.1' } },
  ])('would be found out citing $case', ({ change }) => {
    expect(unofficial([sample])).toEqual([]);
    expect(unofficial([{ ...sample, ...change }])).toHaveLength(1);
  });

  it('maps every action to every framework that asks for something like it', () => {
    for (const each of action.options) {
      const cited = new Set(mapping.filter((row) => row.action === each).map((row) => row.framework));
      expect({ action: each, cited: cited.size >= 6 }).toEqual({ action: each, cited: true });
    }
  });

  it('says each pair once, and why', () => {
    const pairs = mapping.map((row) => `${row.action} ${citation(row)} ${row.part}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    for (const row of mapping) expect(row.rationale).toMatch(/^[A-Z].{15,}\.$/);
  });

  it('carries the older citation on the row it leads to', () => {
    const row = mapping.find((each) => each.action === 'scheduledRotation' && each.framework === 'OWASP NHI');
    expect(row).toMatchObject({
      controlId: 'NHI7:2025',
      citedAs: expect.arrayContaining(['OWASP NHI NHI-03']),
    });
  });

  it('claims no record for actions that leave none yet', () => {
    expect(action.options.filter((each) => actions[each].shownBy === null)).toEqual([
      'offboarding',
      'privilegeCheck',
      'reuseCheck',
      'thirdPartyKey',
      'evidenceExport',
      'driftReconciliation',
      'gapAnalysis',
      'outcomeReport',
      'notification',
    ]);
  });
});

describe('a label of a policy', () => {
  it.each([
    ['NIST-800-53-IA-5', 'NIST SP 800-53 r5 IA-5'],
    ['nist sp 800-53: ac-2.3', 'NIST SP 800-53 r5 AC-2(3)'],
    ['SOC2-CC6.1', 'SOC 2 TSC 2017 CC6.1'],
    ['NIST CSF PR.AA-01', 'NIST CSF 2.0 PR.AA-01'],
    ['NHI7', 'OWASP NHI 2025 NHI7:2025'],
    ['PCI DSS 4.0.1 8.6.3', 'PCI DSS 4.0.1 8.6.3'],
    ['ISO 27001 9.1', 'ISO/IEC 27001 2022 Clause 9.1'],
    ['SP 800-207 tenet 6', 'NIST SP 800-207 2020 tenet 6'],
  ])('%s is official: %s', (label, official) => {
    const { state, controls } = resolveLabel(label);
    expect({ state, controls: controls.map(citation) }).toEqual({ state: 'official', controls: [official] });
  });

  it.each([
    ['OWASP NHI-05', ['NHI1:2025', 'NHI7:2025']],
    ['NHI-01', ['NHI1:2025', 'NHI2:2025', 'NHI7:2025']],
    ['NHI-03', ['NHI7:2025', 'NHI1:2025']],
    ['CSF PR.AC-1', ['PR.AA-01']],
    ['PR.AC', ['PR.AA-01', 'PR.AA-03', 'PR.AA-05']],
    ['SP 800-207 SC-4', ['tenet 4', 'tenet 6', 'tenet 5']],
    ['SP 800-207 AC-3', ['tenet 4', 'tenet 6', 'tenet 5', 'AC-3']],
    ['NIST-800-207-PR.AC-1', ['tenet 4', 'tenet 6', 'tenet 5', 'PR.AA-01']],
  ])('%s is an alias of %j', (label, ids) => {
    const resolved = resolveLabel(label);
    expect(resolved).toMatchObject({ state: 'alias', alias: { why: expect.any(String) } });
    expect(resolved.controls.map(({ controlId }) => controlId)).toEqual(ids);
  });

  it('that is official, but meant otherwise in older documents, says both', () => {
    expect(resolveLabel('DE.CM-01')).toMatchObject({
      state: 'official',
      controls: [{ controlId: 'DE.CM-01' }],
      olderReading: {
        controls: [{ controlId: 'DE.CM-09' }, { controlId: 'DE.CM-03' }, { controlId: 'DE.CM-06' }],
      },
    });
  });

  it.each(['SOX-404', '9.1', 'NIST CSF IA-5', 'PR.AA-99', ''])('%j is unknown and says so', (label) => {
    expect(resolveLabel(label)).toEqual({ label, state: 'unknown', controls: [] });
  });

  it('resolves every alias to official identifiers only', () => {
    for (const { framework, citedAs } of aliases) {
      const { state, controls } = resolveLabel(`${framework} ${citedAs}`);
      expect(state).not.toBe('unknown');
      for (const { framework: to, controlId } of controls)
        expect(officialControl(to, controlId)).toBeDefined();
    }
  });
});
