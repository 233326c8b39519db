import { sha256Hex } from '../protocol/statement.ts';
import type { Service } from './systemd.ts';
import { escaped } from './xml.ts';

export const taskName = 'Vedette sentinel';

/** Whose the task is: what Windows tells of a task it writes in the code page of the console, which need not have a home's letters. */
export function homeMark(home: string): string {
  return `home ${sha256Hex(home)}`;
}

/** The user's SID in what `whoami /user` says, whose name may have letters that are lost on the way. Throws if there is none. */
export function sidIn(said: string): string {
  const sid = /S-1(-\d+)+/.exec(said)?.[0];
  if (sid === undefined) throw new Error('`whoami /user` does not tell who this user is');
  return sid;
}

/**
 * The scheduled task of a sentinel on Windows, as its task scheduler's schema has it (version 1.2): it runs while its user is
 * logged on, in that user's session, without a window and without administrator rights. `sid`: of the user.
 */
export function scheduledTask({ command, home }: Service, sid: string): string {
  // A console program of its own would show an empty window.
  const argumentsText = ['--headless', ...command].map(quoted).join(' ');
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Vedette sentinel, ${homeMark(home)}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <UserId>${sid}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="user">
      <UserId>${sid}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="user">
    <Exec>
      <Command>conhost.exe</Command>
      <Arguments>${escaped(argumentsText)}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** As Windows programs take their command line apart; a path ends in no backslash and has no quote. */
function quoted(text: string): string {
  return /[\s&()^;,]/.test(text) ? `"${text}"` : text;
}
