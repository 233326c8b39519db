import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { versionQuery } from '../api/script-queries.ts';
import type { ScriptText, ScriptVersion } from '../api/types.ts';
import { messages } from '../messages/messages.ts';
import { LazyCodeView } from './code/lazy.tsx';
import { Bar, Loaded } from './Loaded.tsx';
import { Notice } from './Notice.tsx';
import css from './ScriptSource.module.css';

const say = messages.scripts;

interface ScriptSourceProps {
  customerId: string;
  script: string;
  shown: ScriptVersion;
  /** What it is compared with. */
  before: ScriptVersion | undefined;
  versions: readonly ScriptVersion[];
  onCompare(version: number | undefined): void;
}

/** What its author wrote, file by file, as it was in one version, or what differs from another. */
export function ScriptSource({ customerId, script, shown, before, versions, onCompare }: ScriptSourceProps) {
  const [file, setFile] = useState<string>();
  const text = useQuery(versionQuery(customerId, script, shown.version));
  const other = useQuery({
    ...versionQuery(customerId, script, before?.version ?? shown.version),
    enabled: before !== undefined,
  });
  const files = [...new Set([...namesOf(text.data), ...(before ? namesOf(other.data) : [])])].sort();
  const current = file !== undefined && files.includes(file) ? file : text.data?.path;
  const others = versions.filter(({ version }) => version !== shown.version);
  const options = others.map(({ version }) => ({ value: String(version), label: say.number(version) }));
  return (
    <section className="panel" aria-labelledby="source">
      <header className="panel-head">
        <h2 id="source">{before ? say.compareTitle(before.version, shown.version) : say.number(shown.version)}</h2>
        <div className={css.choices}>
          {files.length > 1 && (
            <NativeSelect
              size="xs"
              aria-label={say.file}
              value={current ?? ''}
              onChange={(event) => setFile(event.currentTarget.value)}
              data={files}
            />
          )}
          {options.length > 0 && (
            <div className={css.compare}>
              <span className="muted small" aria-hidden="true">
                {say.compareWith}
              </span>
              <NativeSelect
                size="xs"
                aria-label={say.compareWith}
                value={before ? String(before.version) : ''}
                onChange={({ currentTarget: { value } }) => onCompare(value === '' ? undefined : Number(value))}
                data={[{ value: '', label: say.compareNone }, ...options]}
              />
            </div>
          )}
        </div>
      </header>
      <Loaded query={before ? both(text, other) : text} skeleton={<Bar width="100%" height={240} />}>
        {() => <Code shown={text.data} before={before && other.data} file={current ?? ''} />}
      </Loaded>
    </section>
  );
}

interface CodeProps {
  shown: ScriptText | undefined;
  before: ScriptText | undefined;
  file: string;
}

/** A version's main file may have moved: then the two are compared all the same. */
function Code({ shown, before, file }: CodeProps) {
  const isMain = file === shown?.path;
  const now = shown?.files[file];
  const then = before && (before.files[file] ?? (isMain ? before.files[before.path] : undefined) ?? '');
  if (now === undefined && then === undefined) return <Notice title={say.noSource} next="" />;
  if (then !== undefined && then === now) return <p className={css.same}>{say.noDifference}</p>;
  return <LazyCodeView text={now ?? ''} label={file} {...(then !== undefined && { before: then })} />;
}

function namesOf(text: ScriptText | undefined): string[] {
  return Object.keys(text?.files ?? {});
}

/** As one query, whose state is that of the one that is not there yet. */
function both<T extends { data: unknown }>(one: T, other: T): T {
  return one.data === undefined ? one : other;
}
