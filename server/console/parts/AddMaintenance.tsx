import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { addMaintenance } from '../api/monitor-queries.ts';
import type { Overview } from '../api/types.ts';
import { days, maintenanceWish } from '../maintenance-draft.ts';
import { messages } from '../messages/messages.ts';
import { toLocalInput } from '../period.ts';
import { Choice } from './Choice.tsx';
import css from './Dialog.module.css';
import { FormDialog } from './FormDialog.tsx';
import { zone } from './Instant.tsx';
import { useSubmit } from './use-submit.ts';

const say = messages.maintenance;
const hourMs = 3_600_000;

interface AddMaintenanceProps {
  customerId: string;
  monitors: Overview['monitors'];
  onClose(): void;
}

/** Asks when there is maintenance, once or each week, of what and why. */
export function AddMaintenance({ customerId, monitors, onClose }: AddMaintenanceProps) {
  const [kind, setKind] = useState<'once' | 'weekly'>('once');
  const form = useSubmit(async (field) => {
    const texts = { from: field('from'), to: field('to'), firstDay: field('firstDay'), lastDay: field('lastDay') };
    const about = { monitorId: field('monitorId'), reason: field('reason') };
    const draft = { kind, ...about, ...texts, days: days.filter((day) => field(day) !== '') };
    await addMaintenance(customerId, maintenanceWish(draft));
    onClose();
  });
  const options = [{ value: '', label: say.all }, ...monitors.map(({ id, name }) => ({ value: id, label: name }))];
  return (
    <FormDialog title={say.add} size="lg" form={form} action={say.add} onClose={onClose}>
      <TextInput name="reason" label={say.reason} maxLength={500} data-autofocus />
      <NativeSelect name="monitorId" label={say.of} data={options} />
      <Choice<'once' | 'weekly'>
        name={say.kind}
        chosen={kind}
        options={[
          ['once', say.kinds.once],
          ['weekly', say.kinds.weekly],
        ]}
        onPick={setKind}
      />
      {kind === 'once' ? <Once /> : <Weekly />}
      <p className="faint small">{kind === 'once' ? say.onceZone(zone) : say.weeklyZone}</p>
    </FormDialog>
  );
}

function Once() {
  const [start] = useState(() => Math.ceil(Date.now() / hourMs) * hourMs);
  return (
    <div className={css.pair}>
      <TextInput name="from" type="datetime-local" label={say.from} defaultValue={toLocalInput(start)} />
      <TextInput name="to" type="datetime-local" label={say.to} defaultValue={toLocalInput(start + hourMs)} />
    </div>
  );
}

function Weekly() {
  const [today] = useState(() => toLocalInput(Date.now()).slice(0, 10));
  return (
    <>
      <fieldset className={css.choices}>
        <legend className={css.label}>{say.days}</legend>
        <div className={css.days}>
          {days.map((day) => (
            <Checkbox key={day} name={day} label={say.dayNames[day]} defaultChecked={day === 'sun'} />
          ))}
        </div>
      </fieldset>
      <div className={css.pair}>
        <TextInput name="from" type="time" label={say.from} defaultValue="02:00" />
        <TextInput name="to" type="time" label={say.to} defaultValue="04:00" />
        <TextInput name="firstDay" type="date" label={say.firstDay} defaultValue={today} />
        <TextInput name="lastDay" type="date" label={say.lastDay} description={say.lastDayHint} />
      </div>
    </>
  );
}
