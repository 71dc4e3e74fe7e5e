package backend

import (
	"context"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// keepUsage forgets what the settings say is old, until the program closes.
func (b *Backend) keepUsage() {
	retention := usage.Retention{Shelf: b.database.Usage(), Days: b.retention, Now: time.Now, Log: b.log}
	b.inBackground("clean-up of usage", func(ctx context.Context) { retention.Run(ctx, b.tidyNow) })
}

func (b *Backend) retention() (rows, sums int) {
	chosen := b.settings.InForce()
	return chosen.UsageRetention, chosen.RollupRetention
}

// price is what a request costs, by the table in the settings.
func (b *Backend) price(model string, used chat.Usage) (dollars float64, ok bool) {
	return b.settings.InForce().Cost(model, int64(used.Input), int64(used.Output))
}

// wakeUpkeep has it look again when the settings may say something else.
func (b *Backend) wakeUpkeep() {
	select {
	case b.tidyNow <- struct{}{}:
	default: // it is about to look anyway
	}
}
