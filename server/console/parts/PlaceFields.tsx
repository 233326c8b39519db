import { TextInput } from '@mantine/core';
import { useId } from 'react';
import type { Sentinel } from '../api/types.ts';
import { sentinelWords as say } from '../messages/messages.ts';
import css from './Dialog.module.css';

interface PlaceFieldsProps {
  /** All that the customer has. */
  locations: readonly string[];
  /** As they are; of none yet. */
  before?: Pick<Sentinel, 'location' | 'tags'>;
  locationHint: string;
}

/** Where a sentinel is, and by which tags monitors choose it: fields `location` and `tags`. */
export function PlaceFields({ locations, before, locationHint }: PlaceFieldsProps) {
  const known = useId();
  return (
    <>
      <div className={css.field}>
        <TextInput
          name="location"
          label={say.location}
          list={known}
          maxLength={200}
          defaultValue={before?.location}
          data-autofocus={before === undefined || undefined}
          w="100%"
        />
        <datalist id={known}>
          {locations.map((location) => (
            <option key={location} value={location} />
          ))}
        </datalist>
        <p className={css.hint}>{locationHint}</p>
      </div>
      <div className={css.field}>
        <TextInput name="tags" label={say.tags} defaultValue={before?.tags.join(', ')} w="100%" />
        <p className={css.hint}>{say.tagsHint}</p>
      </div>
    </>
  );
}
