import { defineService } from '@flotilla/core';
import { openCatalogue } from './catalogue.ts';

export const apiCatalogue = defineService({ name: 'api-catalogue', open: openCatalogue });
