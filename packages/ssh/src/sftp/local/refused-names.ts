/**
 * Names whose content other programs execute or trust (git hooks, MCP and editor configuration, shell start
 * files, SSH keys): never written, wherever they are.
 */
const REFUSED = new Set([
  '.git',
  '.gitconfig',
  '.gitmodules',
  '.mcp.json',
  '.vscode',
  '.idea',
  '.cursor',
  '.claude',
  '.claude.json',
  '.gemini',
  '.envrc',
  '.ssh',
  '.profile',
  '.login',
  '.inputrc',
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.bash_logout',
  '.bash_aliases',
  '.zshrc',
  '.zshenv',
  '.zprofile',
  '.zlogin',
  '.zlogout',
  '.kshrc',
  '.mkshrc',
  '.cshrc',
  '.tcshrc',
  'config.fish',
]);

/** The first component of a path that may not be written. Case is ignored, as some file systems do. */
export function refusedName(path: string): string | undefined {
  return path.split('/').find((name) => REFUSED.has(name.toLowerCase().replace(/[. ]+$/, '')));
}
