// What the command line may ask of a campaign: see campaign.h.
#include "campaign.h"

lb_campaign_options lb_campaign_options_default(void) {
  return (lb_campaign_options){.checkpoint = 5, .preset = "quick"};
}

int lb_campaign_options_list(lb_option options[LB_CAMPAIGN_OPTIONS], lb_campaign_options* o) {
  const lb_option own[LB_CAMPAIGN_OPTIONS] = {
      {"seeds", "N|LIST", "how many (10: seeds 0 to 9), a list (0,3,7) or a range (0-9)\n(default: as the suite says)",
       LB_OPTION_SEEDS, &o->seeds},
      {"preset", "NAME", "quick (default), evening, standard or paper: how much of what, how many seeds",
       LB_OPTION_TEXT, &o->preset},
      {"task", "NAME",
       "instead of suites: a comparison on this task, one of your own too, with the\nsettings that the suites have for "
       "it "
       "(else those of control or helicopter)",
       LB_OPTION_TEXT, &o->task},
      {"algos", "A,B,...",
       "with --task: these algorithms, the first against each other; beside them the\nexpert and random actions are "
       "measured (default: those of its suite)",
       LB_OPTION_TEXT, &o->algos},
      {"only", "TASK[/ALGO]",
       "runs this part of the suites; * stands for any name; may be repeated\n(the report says what is missing)",
       LB_OPTION_TEXTS, &o->only},
      {"data", "FILE",
       "demonstrations of your own (bench demo) in the place of the expert's,\nfor the task that they name; needs "
       "--out; may be repeated",
       LB_OPTION_TEXTS, &o->data},
      {"expert", "FILE", "likewise a policy network (docs/files.md), where an expert acts", LB_OPTION_TEXTS,
       &o->expert},
      {"set", "KEY=VALUE", "changes a setting; may be repeated", LB_OPTION_TEXTS, &o->set},
      {"out", "DIR", "where the results go (default results/runs/PRESET)", LB_OPTION_TEXT, &o->out},
      {"renew", NULL, "make stale runs anew even if they took more than an hour", LB_OPTION_FLAG, &o->renew},
      {"checkpoint", "SECONDS", "least time between two checkpoints of a run; 0: as often as possible\n(default 5)",
       LB_OPTION_NUMBER, &o->checkpoint},
  };
  for (int i = 0; i < LB_CAMPAIGN_OPTIONS; i++) options[i] = own[i];
  return LB_CAMPAIGN_OPTIONS;
}

void lb_campaign_options_free(lb_campaign_options* o) {
  lb_seeds_free(&o->seeds);
  lb_texts_free(&o->data);
  lb_texts_free(&o->expert);
  lb_texts_free(&o->only);
  lb_texts_free(&o->set);
}
