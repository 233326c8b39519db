import css from './Choice.module.css';

interface ChoiceProps<T extends string> {
  name: string;
  chosen: T;
  options: readonly (readonly [T, string])[];
  onPick(option: T): void;
}

/** One of a few options, side by side. */
export function Choice<T extends string>({ name, chosen, options, onPick }: ChoiceProps<T>) {
  return (
    <fieldset className={css.choice}>
      <legend className="hidden">{name}</legend>
      {options.map(([option, text]) => (
        <button key={option} type="button" aria-pressed={chosen === option} onClick={() => onPick(option)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}
