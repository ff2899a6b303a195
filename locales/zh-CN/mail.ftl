# Mails. What happened, what happens next, and by when. The keys of a kind of message are
# mail-<kind>-subject, -heading, -what; what happens next has keys of its own.

mail-request_to_confirm-subject = 请确认申请：{ $title }，{ $when }
mail-request_to_confirm-heading = 请确认您的申请
mail-request_to_confirm-what = 有人（应该是您本人）用此邮箱申请了{ $space }，{ $when }。该时段已为您暂留。
mail-next-confirm = 请在 { $answer_by } 前打开链接并确认，确认后申请才生效；逾期时段将不再保留。如果不是您本人申请，请不必理会。

mail-booking_received-subject = 已收到申请：{ $title }，{ $when }
mail-booking_received-heading = 已收到您的申请
mail-booking_received-what = 您申请的是{ $space }，{ $when }。申请目前待审批。
mail-next-decide_by = 工作人员会在 { $decide_by } 前答复，结果将发到您的邮箱。
mail-next-decide = 工作人员会尽快答复，结果将发到您的邮箱。

mail-request_to_decide-subject = 待审批：{ $title }，{ $when }
mail-request_to_decide-heading = 有一份申请等待审批
mail-request_to_decide-what = { $requester }申请了{ $space }，{ $when }。
mail-next-please_decide_by = 请在 { $decide_by } 前审批，逾期申请将过期。
mail-next-please_decide = 请尽快审批。

mail-booking_confirmed-subject = 预约已确认：{ $title }，{ $when }
mail-booking_confirmed-heading = 您的预约已确认
mail-booking_confirmed-what = { $space }已为您预约，{ $when }。
mail-next-confirmed_layout = 开始前我们会按“{ $layout }”布置好场地。如需改期或取消，请在预约页面办理。
mail-next-confirmed = 如需改期或取消，请在预约页面办理。

mail-booking_declined-subject = 申请未通过：{ $title }，{ $when }
mail-booking_declined-heading = 您的申请未通过
mail-booking_declined-what = 很抱歉，您对{ $space } { $when } 的申请未通过。
mail-next-offer = 工作人员为您暂留了另一个时段：{ $offer_when }（预约编号 { $offer_reference }）。如果合适，请在 { $answer_by } 前确认；逾期暂留将取消。
mail-next-choose_again = 您可以另选时段，重新申请。

mail-booking_withdrawn-subject = 申请已撤回：{ $title }，{ $when }
mail-booking_withdrawn-heading = 您的申请已撤回
mail-booking_withdrawn-what = 已按您的要求撤回对{ $space } { $when } 的申请，时段不再保留。
mail-next-request_again = 如仍需要场地，请重新申请。

mail-booking_changed-subject = 预约有变更：{ $title }，{ $when }
mail-booking_changed-heading = 您的预约有变更
mail-booking_changed-what = 您在{ $space }的预约有变更，以下是最新内容。
mail-booking_changed-what-moved = 您的预约已改期：原为 { $previously }，现为 { $when }。
mail-next-changed_decide_by = 改动后需要重新审批。工作人员会在 { $decide_by } 前答复，结果将发到您的邮箱。
mail-next-changed_decide = 改动后需要重新审批，结果将发到您的邮箱。

mail-booking_cancelled-subject = 预约已取消：{ $title }，{ $when }
mail-booking_cancelled-heading = 您的预约已取消
mail-booking_cancelled-what = 您在{ $space } { $when } 的预约已取消，时段不再保留。

mail-booking_displaced-subject = 预约无法如期进行：{ $title }，{ $when }
mail-booking_displaced-heading = 您的预约无法如期进行
mail-booking_displaced-what = 很抱歉，{ $space }在 { $when } 不能使用，您的预约已取消。
mail-next-alternatives = 以下时段目前可约，请尽早申请：

mail-booking_no_longer_possible-subject = 所申请的时段已被预约：{ $title }，{ $when }
mail-booking_no_longer_possible-heading = 您申请的时段已被预约
mail-booking_no_longer_possible-what = 很抱歉，{ $space } { $when } 已确认给另一份申请，您的申请无法再获批准。

mail-booking_expired-subject = 申请已过期：{ $title }，{ $when }
mail-booking_expired-heading = 您的申请已过期
mail-booking_expired-what = 很抱歉，您对{ $space } { $when } 的申请没有及时得到审批，已过期，时段不再保留。
mail-booking_expired-subject-hold = 暂留已取消：{ $title }，{ $when }
mail-booking_expired-heading-hold = 您的暂留已取消
mail-booking_expired-what-hold = 您在{ $space } { $when } 的暂留已到期，不再保留。

mail-booking_reminder-subject = 活动提醒：{ $title }，{ $when }
mail-booking_reminder-heading = 您的活动即将开始
mail-booking_reminder-what = 您在{ $space }的活动时间是 { $when }。
mail-next-reminder = 到场后请在前台签到。如果不能来，请尽早在预约页面取消，把场地留给其他人。

mail-change_to_decide-subject = 变更待审批：{ $title }，{ $when }
mail-change_to_decide-heading = 有一份变更申请等待审批
mail-change_to_decide-what = { $requester }希望变更在{ $space }的预约，新时间为 { $when }。
mail-change_to_decide-what-moved = { $requester }希望变更在{ $space }的预约：原为 { $previously }，新时间为 { $when }。
mail-next-please_decide_change_by = 请在 { $decide_by } 前审批。批准之前，原来的预约不变。
mail-next-please_decide_change = 请尽快审批。批准之前，原来的预约不变。

mail-change_declined-subject = 变更申请未通过：{ $title }，{ $when }
mail-change_declined-heading = 您的变更申请未通过
mail-change_declined-what = 很抱歉，变更申请未通过。您在{ $space }的预约不变，仍为 { $when }。

mail-slot_proposed-subject = 建议改期：{ $title }，{ $when }
mail-slot_proposed-heading = 工作人员建议另一时段
mail-slot_proposed-what = 您在{ $space }、{ $when } 的活动，工作人员建议改为 { $offer_when }。
mail-next-proposed = 建议的时段（预约编号 { $offer_reference }）已为您暂留，请在 { $answer_by } 前接受或谢绝。在此之前，或您谢绝后，原来的预约不变。

mail-question_asked-subject = 关于预约的询问：{ $title }，{ $when }
mail-question_asked-heading = 工作人员有一个问题
mail-question_asked-what = 关于您在{ $space }、{ $when } 的活动，工作人员想了解以下情况。
mail-next-answer = 请在预约页面回复，回复会转给提问的工作人员。

mail-question_answered-subject = 已回复：{ $title }，{ $when }
mail-question_answered-heading = 您的询问已有回复
mail-question_answered-what = { $requester }回复了您关于{ $space }、{ $when } 的询问。
mail-next-answered = 问题和回复均已记入预约的历史。

mail-setup_delayed-subject = 布置延后：{ $title }（{ $when }）
mail-setup_delayed-heading = 您的场地会比预定时间晚一些布置好
mail-setup_delayed-what = 很抱歉：搬运组的进度有所延误，{ $space }预计 { $ready_at } 左右为您的活动布置完毕。
mail-setup_delayed-subject-on_time = 可以准时：{ $title }（{ $when }）
mail-setup_delayed-heading-on_time = 您的场地可以准时布置好
mail-setup_delayed-what-on_time = 搬运组已赶上进度：{ $space }会按预约时间（{ $when }）为您的活动布置完毕。
mail-next-setup_delayed = 您的预约仍然有效。如果延误影响您的安排，请致电前台，工作人员会协助您换个地方或推迟开始。

mail-decision_digest-subject = 待审批：共 { $count } 项
mail-decision_digest-heading = 有 { $count } 项等待您审批
mail-decision_digest-what = 上次汇总之后收到、尚未审批的申请有 { $count } 项。
mail-decision_digest-next = 逾期未审批的申请会失效。您选择了每日汇总，可在账号设置中更改。具体如下：
mail-decision_digest-link = 查看申请
mail-decision_digest-more = ……另有 { $more } 项
mail-decision_digest-request_to_decide = { $title }：{ $space }，{ $when }，{ $requester }（{ $reference }）
mail-decision_digest-request_to_decide-by = { $title }：{ $space }，{ $when }，{ $requester }（{ $reference }），请在 { $decide_by } 前审批
mail-decision_digest-change_to_decide = 变更申请 { $title }：{ $space }，希望改为 { $when }，{ $requester }（{ $reference }）
mail-decision_digest-change_to_decide-by = 变更申请 { $title }：{ $space }，希望改为 { $when }，{ $requester }（{ $reference }），请在 { $decide_by } 前审批

mail-fact-title = 活动
mail-fact-event_type = 活动类型
mail-fact-space = 空间
mail-fact-layout = 布局
mail-fact-ready_at = 预计布置完毕
mail-fact-time = 时间
mail-fact-new_time = 新时间
mail-fact-previously = 原时间
mail-fact-attendance = 预计人数
mail-fact-organisation = 单位
mail-fact-contact = 联系人
mail-fact-reference = 预约编号
mail-fact-state = 状态

mail-reason = 原因
mail-link = 查看预约
mail-link-decide = 查看并审批
mail-link-confirm = 确认申请
mail-link-answer = 查看并回复
mail-question = 问题
mail-answer = 回复
mail-link-offer = 查看暂留的时段
mail-footer = 本邮件由{ $venue }的预约系统自动发出，请勿回复。

# dates: see src/message/when.rs
date-monday = 周一
date-tuesday = 周二
date-wednesday = 周三
date-thursday = 周四
date-friday = 周五
date-saturday = 周六
date-sunday = 周日
date-month-1 = 1月
date-month-2 = 2月
date-month-3 = 3月
date-month-4 = 4月
date-month-5 = 5月
date-month-6 = 6月
date-month-7 = 7月
date-month-8 = 8月
date-month-9 = 9月
date-month-10 = 10月
date-month-11 = 11月
date-month-12 = 12月
