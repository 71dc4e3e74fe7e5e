import type { Finding, RuleCode } from '$lib/api/types.gen';
import { whole } from '$lib/format/numbers';
import { m } from '$words';

interface Inputs {
  tool: string;
  value: string;
  limit: string;
}

/** What each rule of Amazon's says to a request that broke it or came near. One that is missing here does not compile. */
const words: Record<RuleCode, (inputs: Inputs) => string> = {
  current_is_user: m.doctor_rule_current_is_user,
  history_begins_with_user: m.doctor_rule_history_begins_with_user,
  history_alternates: m.doctor_rule_history_alternates,
  history_ends_with_assistant: m.doctor_rule_history_ends_with_assistant,
  trigger_is_manual: m.doctor_rule_trigger_is_manual,
  content_not_empty: m.doctor_rule_content_not_empty,
  first_message_without_results: m.doctor_rule_first_message_without_results,
  results_answer_uses: m.doctor_rule_results_answer_uses,
  tool_use_ids_unique: m.doctor_rule_tool_use_ids_unique,
  tool_inputs_are_objects: m.doctor_rule_tool_inputs_are_objects,
  tool_results_not_empty: m.doctor_rule_tool_results_not_empty,
  past_tools_offered: m.doctor_rule_past_tools_offered,
  tool_names_valid: m.doctor_rule_tool_names_valid,
  tool_names_unique: m.doctor_rule_tool_names_unique,
  tool_description_size: m.doctor_rule_tool_description_size,
  tool_schema_sound: m.doctor_rule_tool_schema_sound,
  message_size: m.doctor_rule_message_size,
  tool_result_size: m.doctor_rule_tool_result_size,
  history_length: m.doctor_rule_history_length,
  image_count: m.doctor_rule_image_count,
  image_sound: m.doctor_rule_image_sound,
  whole_size: m.doctor_rule_whole_size,
};

/** A finding in the page's language; empty if only a newer page would have words for its rule. */
export function sayFinding({ rule, tool = '', value = 0, limit = 0 }: Finding): string {
  const say = words[rule] as ((inputs: Inputs) => string) | undefined;
  return say?.({ tool, value: whole(value), limit: whole(limit) }) ?? '';
}
