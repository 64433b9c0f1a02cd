export { listed, nearest } from '@flotilla/core';
