import { Button } from '@mantine/core';
import type { ScriptVersion } from '../api/types.ts';
import { messages } from '../messages/messages.ts';
import { BlockTable } from './BlockTable.tsx';
import { Instant } from './Instant.tsx';
import css from './VersionTable.module.css';

const say = messages.scripts;

interface VersionTableProps {
  /** The newest first. */
  versions: readonly ScriptVersion[];
  shown: number;
  onShow(version: number): void;
  onCompare(version: number): void;
  /** Left out, whoever looks may not. */
  onRollBack?(version: ScriptVersion): void;
}

/** All versions of a script: who published each, when and why, and what can be done with it. */
export function VersionTable({ versions, ...rest }: VersionTableProps) {
  return (
    <section className="panel" aria-labelledby="versions">
      <header className="panel-head">
        <h2 id="versions">{say.versions}</h2>
      </header>
      <div className={`scroll ${css.box}`}>
        <BlockTable
          className={css.table}
          columns={[say.version, say.published, say.message, { name: say.show, isHidden: true }]}
        >
          {versions.map((version, i) => (
            <Row key={version.version} version={version} isNewest={i === 0} {...rest} />
          ))}
        </BlockTable>
      </div>
    </section>
  );
}

function Row(props: Omit<VersionTableProps, 'versions'> & { version: ScriptVersion; isNewest: boolean }) {
  const { version, isNewest, shown, onShow, onCompare, onRollBack } = props;
  const named = <span className="hidden"> {say.number(version.version)}</span>;
  return (
    <tr aria-current={version.version === shown ? 'true' : undefined} className={css.row}>
      <th scope="row">
        {version.version}
        {isNewest && <span className="muted small"> {say.newest}</span>}
      </th>
      <td data-label={say.published}>
        <Instant at={version.createdAt} precision="minutes" />
        <span className="muted small"> {say.publishedBy(version.author)}</span>
      </td>
      <td className={css.message} data-label={say.message}>
        {version.message}
      </td>
      <td className={css.acts}>
        <Button variant="default" size="compact-xs" onClick={() => onShow(version.version)}>
          {say.show}
          {named}
        </Button>
        {!isNewest && (
          <Button variant="default" size="compact-xs" onClick={() => onCompare(version.version)}>
            {say.compare}
            {named}
          </Button>
        )}
        {!isNewest && onRollBack && (
          <Button variant="default" size="compact-xs" onClick={() => onRollBack(version)}>
            {say.rollBack}
            {named}
          </Button>
        )}
      </td>
    </tr>
  );
}
