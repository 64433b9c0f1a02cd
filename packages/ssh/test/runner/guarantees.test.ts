import { describeGuarantees } from '../support/guarantees.ts';

describeGuarantees(['bash']);
