export interface Theme {
  background: string;
  text: string;
  faint: string;
  line: string;
  gap: string;
  limit: string;
  colors: readonly string[];
}

/** Colours that stay apart for most kinds of colour blindness (after Okabe and Ito), softened for large areas. */
const COLORS = [
  '#2f6fde',
  '#e8833a',
  '#1f9e76',
  '#c2487f',
  '#7a5cc9',
  '#c9a227',
  '#3aa6c9',
  '#8a5a3c',
  '#5d6b82',
  '#d0473f',
  '#7f9a2e',
  '#a3a9b8',
];

export const THEMES: Readonly<Record<'light' | 'dark', Theme>> = {
  light: {
    background: '#ffffff',
    text: '#1d2433',
    faint: '#6b7486',
    line: '#e6e9ef',
    gap: 'rgba(208, 71, 63, 0.10)',
    limit: '#d0473f',
    colors: COLORS,
  },
  dark: {
    background: '#12161f',
    text: '#e8ebf2',
    faint: '#97a1b5',
    line: '#2a3140',
    gap: 'rgba(240, 110, 100, 0.16)',
    limit: '#f0766e',
    colors: [
      '#6ea0ff',
      '#f4a261',
      '#4cc9a0',
      '#e57bb0',
      '#a993f0',
      '#e3c65b',
      '#6fcbe8',
      '#c08a68',
      '#98a5bd',
      '#f0766e',
      '#a8c556',
      '#d4d9e4',
    ],
  },
};
