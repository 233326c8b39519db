import { z } from 'zod';
import type { CustomerId } from '../../../../db/customers.ts';
import { messages } from '../../../console/messages/messages.ts';
import type { ServerContext } from '../../../http/context.ts';
import { turnstile } from '../../../http/turnstile.ts';
import type { ServiceReport } from '../shapes.ts';
import { csvOf } from './csv.ts';
import { printPdf } from './print-pdf.ts';
import { xlsxOf } from './xlsx.ts';

export const Format = z.enum(['pdf', 'xlsx', 'csv', 'json']);
export type Format = z.infer<typeof Format>;

/** A report, and when (ms since 1970) it was made. */
export interface Made {
  report: ServiceReport;
  generatedAt: number;
}

export interface ReportFile {
  name: string;
  mediaType: string;
  content: Buffer;
}

const mediaTypes: Record<Format, string> = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
};

/** A browser takes 200 MB; sheets of a year are some seconds of work. */
const ofAll = { atOnce: 2, waiting: 20 };
const ofOne = { atOnce: 1, waiting: 5 };

/** Makes files of reports, one at a time of each customer and few at a time of all. */
export function exporter(server: ServerContext) {
  const oneOfFew = turnstile(ofAll);
  const ofCustomer = new Map<CustomerId, ReturnType<typeof turnstile>>();
  return (customerId: CustomerId, format: Format, made: Made): Promise<ReportFile> => {
    const own = ofCustomer.get(customerId) ?? turnstile(ofOne);
    ofCustomer.set(customerId, own);
    return own(() => oneOfFew(() => fileOf(server, format, made)));
  };
}

async function fileOf(server: ServerContext, format: Format, made: Made): Promise<ReportFile> {
  const { template, customer, calendarPeriod } = made.report;
  const title = messages.reports.templates[template].name;
  const name = `${title} ${customer} ${calendarPeriod}.${format}`.replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, '_');
  return { name, mediaType: mediaTypes[format], content: await contentOf(server, format, made) };
}

async function contentOf(server: ServerContext, format: Format, made: Made): Promise<Buffer> {
  switch (format) {
    case 'pdf':
      return printPdf(server, made);
    case 'xlsx':
      return xlsxOf(made);
    case 'csv':
      return Buffer.from(csvOf(made.report));
    case 'json': {
      const { logo: _picture, ...figures } = made.report;
      return Buffer.from(`${JSON.stringify({ generatedAt: made.generatedAt, ...figures }, null, 2)}\n`);
    }
    default:
      return format satisfies never;
  }
}
