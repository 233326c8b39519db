/* What the provider's page of customers says of adding one, in English. */

export const customers = {
  add: 'Add a customer',
  name: 'Name',
  nameHint: 'On the customer’s own pages and reports; no other has the same.',
  nameMissing: 'Give the customer a name.',
  timeZone: 'Time zone',
  timeZoneHint: 'The customer’s days begin at midnight there.',
  databaseServer: 'Database server',
  besideRegistry: 'Beside the registry',
  server: (name: string, address: string) => `${name}, ${address}`,
  busy: 'Its database is being made: some seconds.',
  databaseUnusable: (cause: string) => `Its database could not be made: ${cause}.`,
  added: (name: string) => `${name} is added`,
  addedLead: 'It has a database of its own, and nobody who can sign in yet. What comes next:',
  next: [
    'Add its administrator, who chooses a password by a link that you hand over.',
    'The administrator keeps what opens the archive: it waits on the page Archive. Once it is lost, nobody can read the months that went there.',
    'The administrator makes a code on the page Sentinels, and runs the line that comes with it on the first device.',
  ],
  addAdministrator: 'Add its administrator',
  later: 'Later',
  empty: 'No customers yet',
  emptyNext: 'Add the first one here, or on the server with: vedette-server customer add "Name of the customer"',
  emptyNextOthers: 'An operator who is administrator adds the first one here.',
} as const;
