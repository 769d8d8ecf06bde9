package app

import (
	"strings"

	"earshot/feedback"
	"earshot/ingest/importer"
	"earshot/web"
)

// leastSecret is the fewest bytes that the secret of a webhook may have.
const leastSecret = 16

// hooks reads the secrets of the webhooks. Its error names the setting and nothing of its value.
func (c *Config) hooks() (map[web.Hook][]string, error) {
	hooks := map[web.Hook][]string{}
	for _, s := range []struct{ setting, vendor, value string }{
		{"EARSHOT_WEBHOOK_ZENDESK", importer.Zendesk, c.WebhookZendesk}, {"EARSHOT_WEBHOOK_INTERCOM", importer.Intercom, c.WebhookIntercom},
		{"EARSHOT_WEBHOOK_SLACK", importer.Slack, c.WebhookSlack}, {"EARSHOT_WEBHOOK_GENERIC", importer.Contract, c.WebhookGeneric},
	} {
		if s.value == "" {
			continue
		}
		for entry := range strings.SplitSeq(s.value, ",") {
			workspace, secret, found := strings.Cut(strings.TrimSpace(entry), ":")
			switch {
			case !found || feedback.CheckWorkspace(workspace) != nil:
				return nil, feedback.Errorf(feedback.Invalid, "setting %s: an entry does not start with a workspace and a colon", s.setting).
					WithHint("write workspace:secret, with commas between several")
			case len(secret) < leastSecret:
				return nil, feedback.Errorf(feedback.Invalid, "setting %s: the secret of the workspace %s is shorter than %d bytes", s.setting, workspace, leastSecret)
			}
			hook := web.Hook{Vendor: s.vendor, Workspace: workspace}
			hooks[hook] = append(hooks[hook], secret)
		}
	}
	return hooks, nil
}
