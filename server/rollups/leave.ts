/** Told of a monitor with which rolling up failed, and why. Where it throws nothing the other monitors are gone on with. */
export type Leave = (monitorId: string, error: unknown) => void;

export const leaveNone: Leave = (_, error) => {
  throw error;
};
