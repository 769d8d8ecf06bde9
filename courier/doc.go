// Package courier carries parcels to their targets: files in a folder, mails over SMTP, and JSON over HTTPS to webhooks and
// to Slack.
//
// An address on the web comes from a person who may not be the operator. So the address that is dialled, after the name
// was resolved, must be a public one, redirects are not followed, and no proxy of the environment is used; the operator
// names the hosts for which that does not hold. What is posted to a webhook is signed: see [Sign].
package courier
