import { wireTime } from '../world/clock.ts';
import type { Repo } from '../world/model.ts';

/** The origins of the URLs in answers. */
export type Origin = {
  /** `http://HOST:PORT` */ readonly web: string;
  /** the same with the API's prefix */ readonly api: string;
};

const PATHS: Readonly<Record<string, string>> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
  url: '',
};

const USER_PATHS: Readonly<Record<string, string>> = {
  url: '',
  followers_url: '/followers',
  following_url: '/following{/other_user}',
  gists_url: '/gists{/gist_id}',
  starred_url: '/starred{/owner}{/repo}',
  subscriptions_url: '/subscriptions',
  organizations_url: '/orgs',
  repos_url: '/repos',
  events_url: '/events{/privacy}',
  received_events_url: '/received_events',
};

function links(paths: Readonly<Record<string, string>>, base: string): Record<string, string> {
  return Object.fromEntries(Object.entries(paths).map(([key, path]) => [key, `${base}${path}`]));
}

export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString('base64url')}`;
}

function user(login: string, origin: Origin): Record<string, unknown> {
  return {
    login,
    id: 583_231,
    node_id: nodeId('U', 583_231),
    avatar_url: `${origin.web}/avatars/${login}`,
    gravatar_id: '',
    html_url: `${origin.web}/${login}`,
    ...links(USER_PATHS, `${origin.api}/users/${login}`),
    type: 'User',
    site_admin: false,
  };
}

/** The short form that is embedded in runs. */
export function minimalRepository(repo: Repo, origin: Origin): Record<string, unknown> {
  const [owner = '', name = ''] = repo.name.split('/');
  return {
    id: repo.id,
    node_id: nodeId('R', repo.id),
    name,
    full_name: repo.name,
    private: repo.private,
    owner: user(owner, origin),
    html_url: `${origin.web}/${repo.name}`,
    description: null,
    fork: false,
    ...links(PATHS, `${origin.api}/repos/${repo.name}`),
  };
}

/** The answer to GET of a repository. */
export function fullRepository(repo: Repo, origin: Origin): Record<string, unknown> {
  const time = wireTime(Date.UTC(2026, 0, 1));
  return {
    ...minimalRepository(repo, origin),
    clone_url: `${origin.web}/${repo.name}.git`,
    git_url: `${origin.web}/${repo.name}.git`,
    ssh_url: `git@localhost:${repo.name}.git`,
    svn_url: `${origin.web}/${repo.name}`,
    mirror_url: null,
    default_branch: 'main',
    visibility: repo.private ? 'private' : 'public',
    permissions: { admin: true, maintain: true, push: true, triage: true, pull: true },
    ...Object.fromEntries(
      [
        'forks',
        'forks_count',
        'open_issues',
        'open_issues_count',
        'size',
        'stargazers_count',
        'watchers',
      ].map((key) => [key, 0]),
    ),
    watchers_count: 0,
    network_count: 0,
    subscribers_count: 0,
    ...Object.fromEntries(
      ['has_issues', 'has_projects', 'has_wiki', 'has_pages', 'has_discussions', 'archived', 'disabled'].map(
        (key) => [key, false],
      ),
    ),
    homepage: null,
    language: null,
    license: null,
    pushed_at: time,
    created_at: time,
    updated_at: time,
  };
}
