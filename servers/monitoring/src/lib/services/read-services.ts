import { type HostContext, readHost } from '../host/read-host.ts';
import { sectionMarks, sectionText } from '../host/sections.ts';
import { hostWord } from '../host/words.ts';
import { parsePm2 } from '../pm2/pm2-apps.ts';
import { pm2Rows } from '../pm2/pm2-rows.ts';
import { pm2Script } from '../pm2/pm2-script.ts';
import { containerScript, parseContainers } from './containers.ts';
import type { ServiceRow, TimerRow } from './rows.ts';
import { systemdScript } from './systemd-script.ts';
import { parseUnits } from './systemd-units.ts';

export type ServiceKind = ServiceRow['kind'];

/** What one host runs, as it says; `notes` tell what could not be seen. */
export interface HostServices {
  services: ServiceRow[];
  timers: TimerRow[];
  notes: string[];
}

export async function readServices(
  context: HostContext,
  alias: string,
  kinds: readonly ServiceKind[],
): Promise<HostServices> {
  const marks = sectionMarks();
  const scripts: Record<ServiceKind, string> = {
    systemd: systemdScript(marks),
    docker: containerScript(marks),
    pm2: pm2Script(marks),
  };
  const script = `${kinds.map((kind) => scripts[kind]).join('\n')}\ntrue`;
  const result = await readHost(context, alias, script, { timeoutMs: 60_000, maxBytes: 12 * 1024 * 1024 });
  const sections = marks.parse(result.stdout);
  const has = (name: string): boolean => sections.some((section) => section.name === name);
  const units = parseUnits(sections);
  const homes = parsePm2(sections);
  const notes: string[] = [];
  const absent = sections.find(({ name }) => name === 'absent');
  if (absent)
    notes.push(`no systemd here${absent.label ? ` (process 1 is ${hostWord(absent.label, 40)})` : ''}`);
  if (has('units') && units.services.length === 0)
    notes.push(`systemd does not answer: ${hostWord(sectionText(sections, 'units'), 150)}`);
  if (has('docker-denied'))
    notes.push(`Docker does not answer: ${hostWord(sectionText(sections, 'docker-denied'), 150)}`);
  for (const { home, source, apps } of homes)
    if (source === 'files' && apps.length > 0)
      notes.push(`PM2 in ${hostWord(home)}: no daemon or no pm2 program, told by its files`);
  return {
    services: [...units.services, ...parseContainers(sectionText(sections, 'docker')), ...pm2Rows(homes)],
    timers: units.timers,
    notes,
  };
}
