import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { DraftWish, ScriptTemplate, ScriptVersion } from '../api/types.ts';
import { messages } from '../messages/messages.ts';
import type { Goal } from './code/CodeEditor.tsx';
import { LazyCodeEditor } from './code/lazy.tsx';
import css from './DraftDesk.module.css';
import { DraftProblems } from './DraftProblems.tsx';
import { PublishDraft } from './PublishDraft.tsx';
import { TryDraft } from './TryDraft.tsx';
import { useCheck } from './use-check.ts';
import { useDraft } from './use-draft.ts';

const say = messages.scripts;

interface DraftDeskProps {
  customerId: string;
  /** What a new script can begin with. */
  templates: readonly ScriptTemplate[];
  begin: DraftWish;
  /** The version that the draft is to follow; none: it is a new script. */
  latest: ScriptVersion | undefined;
}

/** A draft while it is written: its text, what is wrong with it, trying it, publishing it. */
export function DraftDesk(props: DraftDeskProps) {
  const [round, setRound] = useState(0);
  return <Desk key={round} {...props} onAnew={() => setRound(round + 1)} />;
}

function Desk({ customerId, templates, begin, latest, onAnew }: DraftDeskProps & { onAnew(): void }) {
  const script = latest && begin.path.split('/').at(-1);
  const { draft, isOlder, write, forget } = useDraft(customerId, script, begin);
  const [file, setFile] = useState(draft.path);
  const [round, setRound] = useState(0);
  const [goal, setGoal] = useState<Goal>();
  const [publishing, setPublishing] = useState(false);
  const check = useCheck(customerId, draft);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(begin);
  useWarning(isChanged && !publishing);
  const names = Object.keys(draft.files);
  const faults = check.faults.filter((fault) => fault.file === file);
  const show = (where: string, place: Goal) => {
    if (where in draft.files) setFile(where);
    setGoal({ ...place });
  };
  const take = (next: DraftWish) => {
    write(next);
    setFile(next.path);
  };
  const beginWith = (next: DraftWish) => {
    take(next);
    setRound(round + 1);
  };
  const giveUp = () => {
    forget();
    onAnew();
  };
  return (
    <div className={css.desk}>
      <div className="page-head">
        <div>
          <p className="small">
            <Link href={`/c/${customerId}/scripts`}>{say.title}</Link>
          </p>
          <h1>{script ? say.editTitle(script) : say.newTitle}</h1>
        </div>
        <Button disabled={!check.isFine} onClick={() => setPublishing(true)}>
          {say.publish}
        </Button>
      </div>
      {isOlder && (
        <p className={css.older}>
          {say.older}{' '}
          <button type="button" onClick={giveUp}>
            {say.anew}
          </button>
        </p>
      )}
      {!latest && <Beginning draft={draft} templates={templates} begin={begin} onBegin={beginWith} onChange={take} />}
      <section className="panel" aria-label={say.editorLabel(file)}>
        <header className="panel-head">
          <h2>
            {names.length > 1 ? (
              <NativeSelect
                size="xs"
                aria-label={say.file}
                value={file}
                onChange={(event) => setFile(event.currentTarget.value)}
                data={names}
              />
            ) : (
              file
            )}
          </h2>
          <p className="muted small">{say.editorKeys}</p>
        </header>
        <div className={css.editor}>
          <LazyCodeEditor
            key={`${file} ${round}`}
            text={draft.files[file] ?? ''}
            faults={faults}
            goal={goal}
            label={say.editorLabel(file)}
            onChange={(text) => write({ ...draft, files: { ...draft.files, [file]: text } })}
          />
        </div>
        <DraftProblems check={check} onShow={show} />
      </section>
      <section className={`panel ${css.hosts}`}>
        <TextInput
          label={say.furtherHosts}
          description={say.furtherHostsHint}
          defaultValue={(draft.hosts ?? []).join(', ')}
          onChange={({ currentTarget: { value } }) => write({ ...draft, hosts: listOf(value) })}
        />
      </section>
      <TryDraft customerId={customerId} draft={draft} check={check} />
      {publishing && (
        <PublishDraft
          customerId={customerId}
          draft={draft}
          check={check}
          follows={latest?.version}
          onPublished={forget}
          onClose={() => setPublishing(false)}
        />
      )}
    </div>
  );
}

interface BeginningProps {
  draft: DraftWish;
  templates: readonly ScriptTemplate[];
  begin: DraftWish;
  onBegin(draft: DraftWish): void;
  onChange(draft: DraftWish): void;
}

/** What a new script is called, and what it begins with. */
function Beginning({ draft, templates, begin, onBegin, onChange }: BeginningProps) {
  const rename = (name: string) => {
    const { [draft.path]: text = '', ...others } = draft.files;
    onChange({ ...draft, path: name, files: { ...others, [name]: text } });
  };
  const choose = (name: string) => {
    const chosen = templates.find((template) => template.name === name);
    onBegin(chosen ? { path: chosen.path, files: chosen.files } : begin);
  };
  return (
    <section className={`panel ${css.beginning}`}>
      <NativeSelect
        label={say.template}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          { value: '', label: say.templateEmpty },
          ...templates.map(({ name, title }) => ({ value: name, label: title })),
        ]}
      />
      <TextInput
        label={say.name}
        description={say.nameHint}
        value={draft.path}
        maxLength={300}
        spellCheck={false}
        onChange={(event) => rename(event.currentTarget.value)}
      />
    </section>
  );
}

/** Whoever leaves with something unpublished is asked first. */
function useWarning(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isNeeded]);
}

function listOf(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
