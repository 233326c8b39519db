import { TextInput } from '@mantine/core';
import { changeSentinel } from '../api/queries.ts';
import type { Sentinel } from '../api/types.ts';
import { Unfit } from '../explain.ts';
import { sentinelWords as say } from '../messages/messages.ts';
import { tagsTyped } from '../tags.ts';
import { FormDialog } from './FormDialog.tsx';
import { PlaceFields } from './PlaceFields.tsx';
import { useSubmit } from './use-submit.ts';

interface ChangeSentinelProps {
  customerId: string;
  sentinel: Sentinel;
  locations: readonly string[];
  onClose(): void;
}

/** Renames a sentinel, moves it, and says by which tags monitors choose it. */
export function ChangeSentinel({ customerId, sentinel, locations, onClose }: ChangeSentinelProps) {
  const form = useSubmit(async (field) => {
    const [name, location] = [field('name').trim(), field('location').trim()];
    if (name === '') throw new Unfit(say.nameMissing);
    if (location === '') throw new Unfit(say.locationMissing);
    const tags = tagsTyped(field('tags'));
    // What stays is not sent: somebody else may have changed it meanwhile.
    await changeSentinel(customerId, sentinel.id, {
      ...(name !== sentinel.name && { name }),
      ...(location !== sentinel.location && { location }),
      ...(tags.toSorted().join() !== sentinel.tags.toSorted().join() && { tags }),
    });
    onClose();
  });
  return (
    <FormDialog title={say.changeTitle(sentinel.name)} form={form} action={say.save} onClose={onClose}>
      <TextInput name="name" label={say.nameField} maxLength={200} defaultValue={sentinel.name} data-autofocus />
      <PlaceFields locations={locations} before={sentinel} locationHint={say.moveHint} />
    </FormDialog>
  );
}
