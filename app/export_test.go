package app

import "context"

// LookForAlerts is a look of the schedule.
func (a *App) LookForAlerts(ctx context.Context) error { return a.lookForAlerts(ctx) }
