import type { Config } from '../../bus-schema/config.js';

/** How an agent is called, and which environment variables it gets beside the common ones. */
export interface AgentTemplate {
  readonly command: readonly string[];
  readonly env: readonly string[];
}

const CLAUDE_ENV = [
  ...['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL', 'ANTHROPIC_MODEL'],
  ...['CLAUDE_CODE_OAUTH_TOKEN', 'CLAUDE_CONFIG_DIR', 'CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX'],
];

/** Agents that need no entry in the config; an entry of the same name replaces the one here. */
export const AGENT_TEMPLATES: Readonly<Record<string, AgentTemplate>> = {
  claude: {
    command: ['claude', '--print', '--model', '{model}', '{prompt}'],
    env: CLAUDE_ENV,
  },
  codex: {
    command: ['codex', 'exec', '--model', '{model}', '{prompt}'],
    env: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'CODEX_API_KEY', 'CODEX_HOME'],
  },
  gemini: {
    // One token: without its prompt, which may go by standard input, a lone `-p` would be an error.
    command: ['gemini', '--model', '{model}', '--prompt={prompt}'],
    env: [
      ...['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_CLOUD_PROJECT', 'GOOGLE_CLOUD_LOCATION'],
      ...['GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_APPLICATION_CREDENTIALS'],
    ],
  },
  opencode: {
    command: ['opencode', 'run', '--model', '{model}', '{prompt}'],
    env: ['OPENCODE_CONFIG', 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'OPENROUTER_API_KEY'],
  },
};

/** How a role of a dispatch file is called, if nothing else describes it. */
export const ROLE_TEMPLATE: AgentTemplate = {
  command: ['claude', '--print', '--agent', '{agent}', '{prompt}'],
  env: CLAUDE_ENV,
};

/** The names a template may have between braces. */
export const PLACEHOLDERS = ['prompt', 'agent', 'model', 'task', 'title', 'track', 'name'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** Whether the config says how an agent of this name is called. */
export function isDescribed(name: string, { agents }: Config): boolean {
  return agents !== undefined && Object.hasOwn(agents, name);
}

/** The template of an agent's name, if there is one; what every agent of the config gets is added. */
export function templateOf(name: string, config: Config): AgentTemplate | undefined {
  const own = isDescribed(name, config) ? config.agents?.[name] : undefined;
  const template = own ?? (Object.hasOwn(AGENT_TEMPLATES, name) ? AGENT_TEMPLATES[name] : undefined);
  return template === undefined ? undefined : withCommonEnv(template, config);
}

export function withCommonEnv({ command, env }: AgentTemplate, config: Config): AgentTemplate {
  return { command, env: [...new Set([...env, ...(config.agent_env ?? [])])] };
}

/** Names of all agents that a plan may name. */
export function agentNames(config: Config): string[] {
  return [...new Set([...Object.keys(config.agents ?? {}), ...Object.keys(AGENT_TEMPLATES)])];
}
