import { Button } from '@mantine/core';
import { useEffect, useEffectEvent } from 'react';
import { messages } from '../messages/messages.ts';
import css from './Undo.module.css';

const shownForMs = 10_000;

/** What was done, for a while with the way back; Ctrl+Z takes it too. */
export function Undo({ text, onUndo, onGone }: { text: string; onUndo(): void; onGone(): void }) {
  const gone = useEffectEvent(onGone);
  const undo = useEffectEvent(onUndo);
  useEffect(() => {
    void text; // another deed begins anew
    const timer = setTimeout(() => gone(), shownForMs);
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)) undo();
    };
    document.addEventListener('keydown', press);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('keydown', press);
    };
  }, [text]);
  return (
    <div role="status" className={css.undo}>
      <span>{text}</span>
      <Button variant="default" size="compact-sm" onClick={onUndo}>
        {messages.maintenance.undo}
      </Button>
    </div>
  );
}
