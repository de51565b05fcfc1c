/*
 * What the rows of the table of routes do. Grouped by the file they are in.
 */
#ifndef CPGW_CONTROL_HANDLERS_H
#define CPGW_CONTROL_HANDLERS_H

#include "control/call.h"

/* do_process.c */
void do_health(struct call *call);
void do_version(struct call *call);
void do_livez(struct call *call);
void do_readyz(struct call *call);
void do_shutdown(struct call *call);
void do_authority(struct call *call);

/* do_metrics.c */
void do_metrics(struct call *call);

/* do_docs.c */
void do_docs(struct call *call);

/* do_openapi.c */
void do_openapi(struct call *call);

/* do_state.c */
void do_state_show(struct call *call);
void do_state_put(struct call *call);
void do_state_wait(struct call *call);
void do_actions(struct call *call);
void do_settings_show(struct call *call);
void do_settings_put(struct call *call);

/* do_clock.c */
void do_clock_show(struct call *call);
void do_clock_freeze(struct call *call);
void do_clock_resume(struct call *call);
void do_clock_scale(struct call *call);
void do_clock_set(struct call *call);
void do_clock_advance(struct call *call);
void do_clock_advance_to_next(struct call *call);

/* do_requests.c */
void do_requests_list(struct call *call);
void do_requests_clear(struct call *call);
void do_requests_find(struct call *call);
void do_requests_count(struct call *call);
void do_requests_count_body(struct call *call);
void do_requests_one(struct call *call);
void do_requests_wait(struct call *call);
void do_unmatched(struct call *call);
void do_near_misses(struct call *call);
void do_journal(struct call *call);
void do_journal_wait(struct call *call);

/* do_faults.c */
void do_faults_list(struct call *call);
void do_faults_add(struct call *call);
void do_faults_clear(struct call *call);
void do_fault_remove(struct call *call);

/* do_verify.c */
void do_verify(struct call *call);
void do_verify_sequence(struct call *call);
void do_expectations(struct call *call);

/* do_scenarios.c */
void do_scenarios_list(struct call *call);
void do_scenarios_current(struct call *call);
void do_scenarios_load(struct call *call);
void do_scenarios_reset(struct call *call);
void do_reset(struct call *call);

/* do_gateways.c */
void do_gateways_list(struct call *call);
void do_gateways_add(struct call *call);
void do_gateway_show(struct call *call);
void do_gateway_remove(struct call *call);

#endif
