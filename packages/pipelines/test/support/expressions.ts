/** An expression as definitions write it. */
export const x = (text: string): string => `\${{ ${text} }}`;
