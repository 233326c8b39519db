/** Who may import whom. Each rule says why it stands; `test/fences.test.ts` plants a forbidden import to see that they bite. */

const source = '\\.tsx?$';
const tests = '\\.test\\.ts$|^test/';

/** What a folder's own (non-test) files may import of ours. */
const only = (name, folder, allowed, reason) => ({
  name,
  comment: reason,
  severity: 'error',
  from: { path: `^${folder}/`, pathNot: tests },
  to: {
    path: '^(bin|certs|db|packaging|scripts-library|sentinel|server|test)/',
    pathNot: `^(${[folder, ...allowed].join('|')})/`,
  },
});

module.exports = {
  forbidden: [
    only(
      'protocol-alone',
      'sentinel/protocol',
      [],
      'The protocol is what every side shares; it can stand on nothing of ours.',
    ),
    only('certs-alone', 'certs', [], 'Whom to trust is decided in one place that depends on no other.'),
    only('db-alone', 'db', [], 'Databases know rows, not what they are used for.'),
    only(
      'publish',
      'scripts-library/publish',
      ['sentinel/protocol'],
      'Publishing runs in the server too; it knows only the signed statement.',
    ),
    only(
      'sentinel',
      'sentinel',
      ['certs'],
      'Whoever wants to know what runs on their workstation reads two folders: sentinel and certs.',
    ),
    only(
      'server',
      'server',
      ['sentinel/protocol', 'certs', 'db', 'scripts-library/publish'],
      'The server never holds code of the sentinel: what they share is the protocol.',
    ),
    only(
      'packaging',
      'packaging',
      [],
      'Packaging takes the product as files, as they are; it is no part of it and imports none.',
    ),
    only(
      'console',
      'server/console',
      [],
      'The console is a client like any other: it knows the server by its API alone.',
    ),
    {
      name: 'no-circle',
      comment: 'Inside a part imports point one way; a circle is two files that are one.',
      severity: 'error',
      from: { path: source },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'routes-by-app-alone',
      comment: "A feature's routes are mounted in one place, so that one file shows every door of the server.",
      severity: 'error',
      from: { path: '^server/', pathNot: `^server/app\\.ts$|${tests}` },
      to: { path: '^server/[^/]+/routes\\.ts$' },
    },
    {
      name: 'knex-in-db',
      comment: 'A database is opened in db/ and nowhere else, so that code gets one customer’s connection or none.',
      severity: 'error',
      from: { pathNot: `^db/|${tests}` },
      to: { path: 'node_modules/knex/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-test-code-in-product',
      comment: 'What is shipped may not need what tests it.',
      severity: 'error',
      from: { path: '^(bin|certs|db|packaging|scripts-library|sentinel|server)/', pathNot: tests },
      to: { path: '^test/|\\.test\\.ts$' },
    },
    {
      name: 'dev-packages-not-in-product',
      comment: 'A package the product needs at run time belongs to its dependencies.',
      severity: 'error',
      from: { path: '^(bin|certs|db|packaging|sentinel|server)/', pathNot: `${tests}|^server/console/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'server/console/dist' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
