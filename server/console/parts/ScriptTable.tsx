import { Link } from 'wouter';
import type { Script } from '../api/types.ts';
import { listed, messages } from '../messages/messages.ts';
import { BlockTable } from './BlockTable.tsx';
import { Instant } from './Instant.tsx';
import css from './ScriptTable.module.css';

const say = messages.scripts;

/** Scripts as rows; each opens its versions. */
export function ScriptTable({ scripts, customerId }: { scripts: readonly Script[]; customerId: string }) {
  return (
    <div className="scroll">
      <BlockTable
        className={css.table}
        columns={[say.script, { name: say.version, isNumber: true }, say.published, say.usedBy, say.hosts, say.secrets]}
      >
        {scripts.map((script) => (
          <Row key={script.name} script={script} customerId={customerId} />
        ))}
      </BlockTable>
    </div>
  );
}

function Row({ script: { name, latest, monitors }, customerId }: { script: Script; customerId: string }) {
  return (
    <tr className="opens">
      <th scope="row" className={css.name}>
        <Link href={`/c/${customerId}/scripts/${encodeURIComponent(name)}`}>{name}</Link>
      </th>
      <td className="number" data-label={say.version}>
        {latest.version}
      </td>
      <td data-label={say.published}>
        <Instant at={latest.createdAt} precision="minutes" />
        <span className="muted small"> {say.publishedBy(latest.author)}</span>
      </td>
      <td data-label={say.usedBy} title={monitors.join(', ')}>
        {monitors.length === 0 ? <span className="faint">{say.usedByNobody}</span> : listed(monitors)}
      </td>
      <td data-label={say.hosts} className={css.list} title={latest.hosts.join(', ')}>
        {latest.hosts.length === 0 ? <span className="faint">{say.noHosts}</span> : listed(latest.hosts)}
      </td>
      <td data-label={say.secrets} className={css.list} title={latest.secrets.join(', ')}>
        {latest.secrets.length === 0 ? <span className="faint">{say.noSecrets}</span> : listed(latest.secrets)}
      </td>
    </tr>
  );
}
