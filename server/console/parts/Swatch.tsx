/** The colour of a transaction, the same on every screen: its number in the monitor's list. */
export function Swatch({ number, off = false }: { number: number; off?: boolean }) {
  const colour = `var(--series-${number})`;
  return (
    <span
      className="drawn"
      aria-hidden="true"
      style={{
        flex: 'none',
        display: 'inline-block',
        width: 10,
        height: 10,
        borderRadius: 3,
        border: `2px solid ${colour}`,
        background: off ? 'transparent' : colour,
      }}
    />
  );
}
