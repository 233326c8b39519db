import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import { type ExportFormat, exportReport } from '../../api/report-queries.ts';
import { explain } from '../../explain.ts';
import { messages } from '../../messages/messages.ts';
import type { ReportWish } from '../../report-address.ts';
import { Icon } from '../Icon.tsx';
import css from './ReportExport.module.css';

const words = messages.reports.export;
const formats = ['pdf', 'xlsx', 'csv', 'json'] as const;

/** The report as a file, or on paper by the viewer's own browser. */
export function ReportExport(props: { customerId: string; wish: ReportWish; disabled: boolean }) {
  const { customerId, wish, disabled } = props;
  const [making, setMaking] = useState<ExportFormat>();
  const [problem, setProblem] = useState<string>();
  const make = async (format: ExportFormat) => {
    setMaking(format);
    setProblem(undefined);
    await exportReport(customerId, wish, format)
      .then(save)
      .catch((error: unknown) => setProblem(words.failed(words.formats[format], explain(error))));
    setMaking(undefined);
  };
  return (
    <div className={css.export}>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            size="xs"
            disabled={disabled}
            loading={making !== undefined}
            leftSection={<Icon name="download" size={14} />}
          >
            {words.name}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {formats.map((format) => (
            <Menu.Item key={format} onClick={() => void make(format)}>
              {words.formats[format]}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<Icon name="print" size={14} />} onClick={() => window.print()}>
            {words.print}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <p role="status" className={problem === undefined ? 'hidden' : css.problem}>
        {problem ?? (making && words.making(words.formats[making]))}
      </p>
    </div>
  );
}

function save({ name, content }: { name: string; content: Blob }): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}
