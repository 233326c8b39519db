import { NativeSelect, TextInput } from '@mantine/core';
import { setTarget } from '../../api/report-queries.ts';
import type { TargetSubject } from '../../api/types.ts';
import { Unfit } from '../../explain.ts';
import { messages } from '../../messages/messages.ts';
import { readPercent, readSeconds } from '../../target-fields.ts';
import { FormDialog } from '../FormDialog.tsx';
import { useSubmit } from '../use-submit.ts';

const reports = messages.reports;
const words = reports.targetsPage;

interface TargetDialogProps {
  customerId: string;
  monitorId: string;
  name: string;
  subject: TargetSubject;
  onClose(): void;
}

/** What a transaction is measured against; both fields empty take it away. */
export function TargetDialog({ customerId, monitorId, name, subject, onClose }: TargetDialogProps) {
  const { transaction, target } = subject;
  const form = useSubmit(async (field) => {
    const availability = readPercent(field('availability'));
    const p95Us = readSeconds(field('p95'));
    if (availability === undefined) throw new Unfit(words.wrongAvailability);
    if (p95Us === undefined) throw new Unfit(words.wrongP95);
    const hours = field('hours') === 'business' ? 'business' : 'all';
    await setTarget(customerId, monitorId, { transaction, hours, availability, p95Us });
    onClose();
  });
  const percent = target?.availability == null ? '' : String(Number((target.availability * 100).toFixed(4)));
  return (
    <FormDialog
      title={words.setFor(`${name}: ${transaction ?? reports.wholeRuns}`)}
      form={form}
      action={words.save}
      onClose={onClose}
    >
      <TextInput
        name="availability"
        inputMode="decimal"
        autoComplete="off"
        label={words.availability}
        description={words.availabilityHint}
        defaultValue={percent}
        data-autofocus
      />
      <TextInput
        name="p95"
        inputMode="decimal"
        autoComplete="off"
        label={words.p95}
        description={words.p95Hint}
        defaultValue={target?.p95Us == null ? '' : String(target.p95Us / 1e6)}
      />
      <NativeSelect
        name="hours"
        label={words.hours}
        defaultValue={target?.hours ?? 'all'}
        data={[
          { value: 'all', label: reports.allHours },
          { value: 'business', label: reports.businessHours },
        ]}
      />
    </FormDialog>
  );
}
