import { describeGuarantees } from '../support/guarantees.ts';
import { SHELL_HOSTS } from '../support/shell-hosts.ts';

describeGuarantees(SHELL_HOSTS.filter((kind) => kind !== 'bash'));
