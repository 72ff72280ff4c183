/** Import rules of docs/architecture: one way through, and no cycles. Run by `npm run imports`. */
const external = '^node_modules';
const builtin = ['core', 'deprecated'];

/** A folder may import only what is listed. */
function only(name, from, allowed) {
  return {
    name,
    severity: 'error',
    from: { path: from },
    to: { pathNot: [...allowed, external], dependencyTypesNot: builtin },
  };
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('core-stands-alone', '^core/', ['^core/']),
    {
      name: 'core-has-one-library',
      severity: 'error',
      comment: 'core imports its validator and node:crypto (hashing), nothing that talks to the outside',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', '^node_modules/zod/', '^(node:)?crypto$'] },
    },
    only('connectors-know-core', '^connectors/([^/]+)/(?!kit/)', [
      '^core/',
      '^net/',
      '^connectors/$1/(?!kit/)',
    ]),
    {
      name: 'mutators-hold-no-prober',
      severity: 'error',
      comment: 'who changes a target writes no verdict on it, so its bundle holds no code for that',
      from: { path: '^connectors/([^/]+)/mutator\\.ts$' },
      to: { path: '^connectors/[^/]+/prober\\.ts$', reachable: true },
    },
    {
      name: 'probers-hold-no-mutator',
      severity: 'error',
      comment: 'what presents credentials cannot change a target, also not by mistake',
      from: { path: '^connectors/([^/]+)/prober\\.ts$' },
      to: { path: '^connectors/[^/]+/mutator\\.ts$', reachable: true },
    },
    only('kit-fixtures-start-servers', '^connectors/([^/]+)/kit/', [
      '^core/',
      '^connectors/$1/',
      '^kit/(fixture|mistake|scene)\\.ts$',
      '^apps/local/target/',
      '^test/support/',
    ]),
    only('kit-knows-core', '^kit/', ['^core/', '^kit/']),
    {
      name: 'nothing-imports-fixtures',
      severity: 'error',
      from: { pathNot: '^connectors/[^/]+/kit/' },
      to: { path: '^connectors/[^/]+/kit/' },
    },
    only('connector-registry-is-data', '^connectors/[^/]+\\.ts$', [
      '^core/',
      '^connectors/[^/]+/(descriptor|target)\\.ts$',
    ]),
    only('net-knows-core', '^net/', ['^core/', '^net/']),
    only('adapters-know-core', '^adapters/', ['^core/', '^net/', '^adapters/']),
    only('lambdas-know-core-and-steps', '^lambdas/(?!runtime/compose(-ledger)?\\.ts)', [
      '^core/',
      '^lambdas/',
      '^connectors/[^/]+/(mutator|prober)\\.ts$',
    ]),
    only('only-compose-knows-adapters', '^lambdas/runtime/compose(-ledger)?\\.ts$', [
      '^core/',
      '^lambdas/',
      '^adapters/',
    ]),
    only('lib-is-synth-time', '^lib/', [
      '^core/',
      '^lib/',
      '^connectors/(descriptors\\.generated|[^/]+/(descriptor|target))\\.ts$',
      '^lambdas/steps/(contracts|machine-limits)\\.ts$',
    ]),
    only('local-engine', '^apps/local/(?!target/mtls/)', ['^apps/local/', '^lib/', '^core/', '^adapters/']),
    only('local-authority-issues', '^apps/local/target/mtls/', [
      '^apps/local/target/',
      '^core/',
      '^connectors/mtls-certificate/x509/',
    ]),
    only('cli', '^apps/cli/', [
      '^apps/cli/',
      '^apps/local/',
      '^core/',
      '^adapters/',
      '^lib/app\\.ts$',
      '^lib/policies\\.ts$',
      '^connectors/descriptors\\.generated\\.ts$',
      '^lambdas/steps/contracts\\.ts$',
    ]),
    {
      name: 'runtime-has-no-dev-dependencies',
      severity: 'error',
      from: { path: '^(core|net|connectors|adapters|lambdas)/', pathNot: '^connectors/[^/]+/kit/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^(test|bench)/|^connectors/[^/]+/kit/|^bin/check[.]js$' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(cdk\\.out|\\.gapless|build)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
  },
};
