import { z } from 'zod';

/** How grave an issue of a review is. */
export const severitySchema = z.enum(['low', 'medium', 'high']);
export type Severity = z.infer<typeof severitySchema>;
