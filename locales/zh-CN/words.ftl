# words
state-held = 暂留中
state-requested = 待审批
state-confirmed = 已确认
state-checked_in = 已签到
state-completed = 已结束
state-no_show = 未到场
state-declined = 未通过
state-withdrawn = 已撤回
state-cancelled = 已取消
state-expired = 已过期
state-released = 暂留已取消
state-waitlisted = 候补中

event-type-roadshow = 路演
event-type-talk = 演讲
event-type-launch = 发布会
event-type-charity_popup = 公益快闪
event-type-exhibition = 临展
event-type-robot_contest = 机器人竞赛
event-type-salon = 沙龙
event-type-meeting = 会议
event-type-training = 培训
event-type-rehearsal = 彩排
event-type-livestream = 直播
event-type-rest = 休憩
event-type-other = 其他
