import type { ReactNode } from 'react';

/** Its name alone, or what else is to be known of it; false where it is left out. */
export type Column = string | false | { name: string; hint?: string; isNumber?: true; isHidden?: true };

interface BlockTableProps {
  /** Those that are hidden are there for who hears the page. */
  columns: readonly Column[];
  className?: string | undefined;
  /** The rows. */
  children: ReactNode;
}

/** A table of which each row is a block of its own where the window is narrow: its cells carry `data-label`. */
export function BlockTable({ columns, className = '', children }: BlockTableProps) {
  return (
    <table className={`table blocks ${className}`}>
      <thead>
        <tr>
          {columns.map((column) => {
            if (column === false) return null;
            const head = typeof column === 'string' ? { name: column } : column;
            return <Head key={head.name} {...head} />;
          })}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function Head({ name, hint, isNumber, isHidden }: Exclude<Column, string | false>) {
  return (
    <th scope="col" title={hint} className={isNumber ? 'number' : undefined}>
      {isHidden ? <span className="hidden">{name}</span> : name}
    </th>
  );
}
