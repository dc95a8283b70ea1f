"""Everything the house stands on. It knows ids and no rule of the business."""
