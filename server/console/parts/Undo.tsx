import { Button } from '@mantine/core';
import { useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react';
import { messages } from '../messages/messages.ts';
import { isTyping } from './keys.ts';
import css from './Undo.module.css';

const shownForMs = 10_000;

interface UndoProps {
  text: string;
  /** It is on its way back, or something else is done: once is enough. */
  busy: boolean;
  onUndo(): void;
  onGone(): void;
}

/** What was done, for a while with the way back; Ctrl+Z takes it too, where it isn't meant for what is typed. */
export function Undo({ text, busy, onUndo, onGone }: UndoProps) {
  const message = useRef<HTMLDivElement>(null);
  const gone = useEffectEvent(onGone);
  const undo = () => !busy && onUndo();
  const undoByKey = useEffectEvent(undo);
  useEffect(() => {
    void text; // another deed begins anew
    const timer = setTimeout(() => gone(), shownForMs);
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey)) return;
      if (event.shiftKey || event.altKey || event.repeat || isTyping(event.target)) return;
      undoByKey();
    };
    document.addEventListener('keydown', press);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('keydown', press);
    };
  }, [text]);
  useLayoutEffect(() => {
    const { current } = message;
    return () => {
      if (current?.contains(document.activeElement)) document.getElementById('content')?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <div ref={message} role="status" className={css.undo}>
      <span>{text}</span>
      <Button variant="default" size="compact-sm" aria-disabled={busy} onClick={undo}>
        {messages.maintenance.undo}
      </Button>
    </div>
  );
}
