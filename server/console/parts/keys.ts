import { useEffect, useEffectEvent, useId, useSyncExternalStore } from 'react';

export interface Binding {
  key: string;
  does: string;
}

const bound = new Map<string, Binding & { run(): void }>();
const listeners = new Set<() => void>();
let listed: readonly Binding[] = [];

/** Binds a single key while the component is on screen, and lists it in the help. `does` is the help's text. */
export function useKey(key: string, does: string, run: () => void, enabled = true): void {
  const id = useId();
  const latest = useEffectEvent(run);
  useEffect(() => {
    if (!enabled) return;
    bound.set(id, { key, does, run: () => latest() });
    tell();
    return () => {
      bound.delete(id);
      tell();
    };
  }, [id, key, does, enabled]);
}

/** The keys that work now. */
export function useBoundKeys(): readonly Binding[] {
  return useSyncExternalStore(subscribe, () => listed);
}

/** Listens for all bound keys; called once, by the frame. Typing and open dialogs come first. */
export function useKeyboard(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]')) return;
      const binding = [...bound.values()].findLast((candidate) => candidate.key === event.key);
      if (!binding) return;
      event.preventDefault();
      binding.run();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

/** Keys that are pressed here are text. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  listed = [...bound.values()].map(({ key, does }) => ({ key, does }));
  for (const listener of listeners) listener();
}
