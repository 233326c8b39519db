declare const brand: unique symbol;

/** Names one customer, in the registry and in the data folder. */
export type CustomerId = string & { readonly [brand]: 'customer id' };
